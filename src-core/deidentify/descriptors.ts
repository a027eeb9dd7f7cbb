/**
 * Cleans descriptions: only words of imaging from a closed list and plain measures are kept, everything else is removed
 * (PS3.15 E.3.5).
 */
import { namesPatient, type Identity } from './identity.ts'

const WORDS = new Set(
  `
ct mr mri mra mrv mrcp cta ctpa pet spect us xr cr dx mg nm xa rf rt dxa ivus oct seg pr ko cbct hrct ldct tof swi dwi
dti adc asl bold fmri cine abdomen abdominal acetabulum adrenal ankle aorta aortic appendix arm artery arteries
arterial axilla back biliary bladder body bone bones bowel brachial brain breast bronchi calcaneus calf cardiac
carotid cervical cervix chest clavicle coccyx colon coronary cranial cranium duodenum ear elbow esophagus extremity
eye face facial femoral femur fetal fetus fibula finger foot forearm gallbladder hand head heart heel hepatic hip
humerus iliac intestine jaw joint kidney kidneys knee larynx leg liver lower lumbar lung lungs mandible maxilla
mediastinum mesenteric muscle neck nerve nose orbit orbits ovary pancreas parotid patella pelvic pelvis penis
pituitary popliteal prostate pulmonary radius rectum renal rib ribs sacrum scapula scrotum shoulder sinus sinuses
skull spine spinal spleen sternum stomach temporal testis thigh thoracic thorax thumb thymus thyroid tibia toe tongue
trachea tmj ulna upper ureter urethra urinary uterus vagina vascular vein veins venous vertebra wrist left right
bilateral anterior posterior lateral medial superior inferior proximal distal oblique obl axial ax coronal cor
sagittal sag transverse tra trans cranial caudal ap pa lat lao rao cc mlo ml lm prone supine decubitus erect upright
standing sitting weight bearing flexion extension inspiration expiration insp exp t1 t2 t1w t2w pd pdw flair stir se
tse fse ssfse haste gre fgre spgr ffe tfe epi mprage bravo space vibe lava dixon fiesta trufi bssfp propeller blade
radial fs fatsat fat sat sup suppressed water phase in opp out magnitude real imaginary map maps trace ecg gated
triggered breath hold free mip minip mpr vr vrt 2d 3d 4d iso isotropic thin thick slice slices volume recon
reconstruction reformat native plain contrast enhanced unenhanced nonenhanced with without w wo pre post early late
delayed delay portal nephrographic excretory equilibrium dynamic perfusion diffusion angio angiography angiogram
venography arthrography urography enterography colonography cystography myelography mammography tomosynthesis
fluoroscopy ultrasound doppler duplex elastography scintigraphy radiograph tomography bolus tracking timing test
topogram scout localizer localiser survey scanogram calibration shim reference bone soft tissue standard smooth sharp
detail kernel filter filtered window high low resolution res dose full half screening routine protocol study series
scan image images exam examination imaging view views follow up baseline initial repeat additional limited complete
whole total partial single multi multiphase biphasic triphasic rest stress ac nac attenuation corrected uncorrected
emission transmission stone tumor tumour mass lesion nodule fracture trauma stroke embolism aneurysm stenosis
hemorrhage infarct infection abscess cyst metastasis staging cancer biopsy drainage guided intervention and or of the
to for at on by from des du de la le et mit ohne und der die das van met zonder en thorax abdomen becken kopf hals
schädel wirbelsäule lunge leber niere herz schulter ellenbogen hüfte knie fuß crâne poumon foie rein coeur épaule
coude hanche genou pied bassin rachis hoofd nek wervelkolom long lever nier hart schouder elleboog heup voet bekken
`
    .split(/\s+/)
    .filter(Boolean),
)

/** A measure with its unit, or a number of one or two digits, which is too short to identify a person. */
const MEASURES = [
  /\d{1,2}(?:[.,]\d{1,2})?/,
  /\d{1,4}(?:[.,]\d{1,2})?(?:mm|cm|ms|kv|kvp|ma|mas|mev|mhz|mt|hu|min|sec|s)/,
  /b\d{1,4}[fs]?|[bihjqu]r?\d{2}[a-z]?/,
  /te\d{1,3}|tr\d{1,4}/,
  /\d[x×]\d(?:[x×]\d)?/,
]
const MEASURE = new RegExp(`^(?:${MEASURES.map(({ source }) => source).join('|')})$`, 'iu')

/** A date with day, month and year in any order. Each of its parts alone would pass as a measure. */
const DATE = /(?<!\d)(?:\d{4}|\d{1,2})[\s./_-]+\d{1,2}[\s./_-]+(?:\d{4}|\d{1,2})(?!\d)/g

/**
 * The words of a description that are kept, joined by single blanks; an empty text when none is kept. Words of the
 * patient's own name are never kept, even if they are also words of imaging.
 */
export function cleanDescription(text: string, identity: Identity): string {
  const keptWords: string[] = []
  for (const word of text.replace(DATE, ' ').split(/[^\p{L}\p{N}.,]+/u)) {
    const trimmedWord = word.replace(/^[.,]+|[.,]+$/g, '')
    if (
      trimmedWord !== '' &&
      (WORDS.has(trimmedWord.toLowerCase()) || MEASURE.test(trimmedWord)) &&
      !namesPatient(identity, trimmedWord)
    )
      keptWords.push(trimmedWord)
  }
  return keptWords.join(' ')
}

/** Public coding schemes (PS3.16 Table 8-1). Their codes mean the same everywhere and identify no person. */
const STANDARD_SCHEMES = new Set([
  'DCM',
  'SCT',
  'SRT',
  'SNM3',
  '99SDM',
  'LN',
  'UCUM',
  'FMA',
  'RADLEX',
  'NCIT',
  'UMLS',
  'BI',
  'I9',
  'I9C',
  'I10',
  'I10P',
  'ICDO3',
  'MSH',
  'NEU',
  'UBERON',
  'ISO3166_1',
  'ISO639_1',
  'RFC5646',
  'NCDR',
  'ACR',
  'IBSI',
  'DC',
  'SDM',
  'ITIS_TSN',
  'PUBCHEM_CID',
  'RXNORM',
  'UNS',
])

/** Whether a coding scheme is a public vocabulary. */
export function isStandardScheme(CodingSchemeDesignator: string): boolean {
  return STANDARD_SCHEMES.has(CodingSchemeDesignator.trim().toUpperCase())
}
