/**
 * Makes series for the gate, named as scanners name them: clean ones, and pages of text in image classes. The same seed
 * gives the same series.
 */
import type { GateFields } from '../../src-core/deidentify/gate.ts'

const storage = '1.2.840.10008.5.1.4.1.1.'
export const CLASS = {
  CT: `${storage}2`,
  MR: `${storage}4`,
  PT: `${storage}128`,
  CR: `${storage}1`,
  DX: `${storage}1.1`,
  MG: `${storage}1.2`,
  NM: `${storage}20`,
} as const
type Modality = keyof typeof CLASS

/**
 * Descriptions of clean series, as hospitals and scanners write them; some contain words that pages of text use too.
 */
const DESCRIPTIONS: Readonly<Record<Modality, string>> = {
  CT: `Topogram  0.6  T20s|Thorax  1.0  B70f|ABD 3.0 B30f Portal|Chest w/o 5/5mm|Recon 3: LIVER 3 PHASE (AP)|
LOW DOSE CHEST|
Ultra low dose lung 1.25|Scout|Surview|HEAD 5mm STANDARD|Bone 0.6 H60s|CTA Carotids 0.75|Trauma Protocol WB 1.5|
Stroke Protocol Neck|
PreMonitoring|Monitoring  10.0  B30f|SmartPrep Series|Bolus Tracking|Curved MPR LAD|MIP Cor 3mm|Sag MPR Spine|VRT|
CaScoring 3.0 B35f|
SmartScore - Gated 0.5 sec|Cor 2.0 Average|Lung Screening LDCT|Dose modulation test|Screening Colon prone|
Perfusion 4D 5mm|iDose (4)|
DE_Abd 120kV|Monoenergetic Plus 55keV|Hals Nativ 3.0|Becken Kontrast|Thorax ohne KM|Thorax TAP injecté|
Crâne sans injection|
Buik portaal|Schedel blanco|Torace smdc|Cabeza simple|Locator|Helical Chest|PE Study 1.0|
Renal stone low dose follow up|Card 70% 0.6`,
  MR: `t1_mprage_sag_p2_iso|t2_tse_tra_320|ep2d_diff_b50_400_800_TRACEW|ep2d_diff_ADC|AX FLAIR|Ax T1 SE PRE|
Sag T2 FRFSE|Localizer|
3-plane Loc|AAHScout|PD FS COR|Survey_MST|WIP DWI_3b SENSE|sT1W_3D_FFE|T2W_TSE clear|Ph2/Ax LAVA +C|SWI_Images|
mIP_Images(SW)|
Pha_Images|TOF_3D_multi-slab|TRUFI cine 4ch|Perfusion_Weighted|relCBF|MoCoSeries|SUB 3-1|DYN VIBE 5 phases|FAST PILOT|
Accelerated SAG IR-SPGR|
Bewegungsstudie Knie|Patella axial|Screening Brain|Shim scan|Ref scan coil|Coil Survey|tra t2 patient moved repeat|
Cor STIR|Oberbauch *sSSH/FB/4mm`,
  PT: `PET AC|PET NAC|PET WB (AC)|[WB_CTAC] Body|PET Brain 3D Static|PET-CT SERIES|PET 7S 6IT 6 POST|
Dynamic FDG frames|LOW DOSE PET 60s|
HD PET WB TOF|Uncorrected|Emission 2h p.i.|GK AC 4mm`,
  CR: `PA|LAT|Chest PA|Chest AP portable|Hand AP|Foot obl|Abdomen supine|Thorax p.a.|Cervical OBLI 1|Pelvis|
Schulter links|Genou face|
Knie staand|Ribs|Skull lat`,
  DX: `CHEST|Chest PA|LAT|Pelvis AP|L-Spine lat|Knee AP standing|Thorax liegend|Bassin face|Heup axiaal|
Long leg stitched|ABDOMEN EXPOSURE AP`,
  MG: `R CC|L CC|R MLO|L MLO|RCC C-View|L MLO Tomosynthesis Reconstruction|SCREENING BILAT|SINGLE IMAGES|
Spot mag R CC|Implant displaced L CC`,
  NM: `Whole body|WB anterior|Bone static|MIBI Stress|MIBI Rest gated|SPECT AC|Renogram dynamic|Thyroid pinhole|
Lung perfusion|
Ventilation POST|Hepatobiliary flow|I-123 scan 24h`,
}

/** Makers' values of ImageType for original images, and for reformatted ones that pass. */
const IMAGE_TYPES: Readonly<Record<Modality, string>> = {
  CT: `ORIGINAL\\PRIMARY\\AXIAL|ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI|ORIGINAL\\PRIMARY\\LOCALIZER\\CT_SOM5 TOP|
ORIGINAL\\PRIMARY\\AXIAL\\HELIX|
ORIGINAL\\PRIMARY\\LOCALIZER|ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM7 SPI DUAL|DERIVED\\PRIMARY\\AXIAL\\CT_SOM5 MPR|
DERIVED\\SECONDARY\\REFORMATTED`,
  MR: `ORIGINAL\\PRIMARY\\M\\ND\\NORM|ORIGINAL\\PRIMARY\\M_FFE\\M\\FFE|ORIGINAL\\PRIMARY\\OTHER|
ORIGINAL\\PRIMARY\\PROTON DENSITY|
ORIGINAL\\PRIMARY|DERIVED\\PRIMARY\\DIFFUSION\\ADC\\ND|DERIVED\\SECONDARY\\MPR\\CSA MPR\\\\CSAPARALLEL|
ORIGINAL\\PRIMARY\\EPI\\NONE`,
  PT: 'ORIGINAL\\PRIMARY|ORIGINAL\\PRIMARY\\AXIAL',
  CR: 'DERIVED\\PRIMARY|ORIGINAL\\PRIMARY|DERIVED\\PRIMARY\\POST_PROCESSED\\RT\\\\\\\\\\100000',
  DX: 'DERIVED\\PRIMARY|ORIGINAL\\PRIMARY\\\\RT\\\\\\\\\\150000',
  MG: 'ORIGINAL\\PRIMARY|DERIVED\\PRIMARY\\TOMOSYNTHESIS\\NONE\\\\150000|DERIVED\\PRIMARY\\STEREO\\LEFT',
  NM: `ORIGINAL\\PRIMARY\\WHOLE BODY\\EMISSION|ORIGINAL\\PRIMARY\\STATIC\\EMISSION|
ORIGINAL\\PRIMARY\\RECON GATED TOMO\\EMISSION`,
}

/** Rows and columns of original images. */
const SIZES: Readonly<Record<Modality, readonly (readonly [number, number])[]>> = {
  CT: [
    [512, 512],
    [768, 768],
    [1024, 1024],
    [888, 512],
  ],
  MR: [
    [256, 256],
    [320, 260],
    [512, 512],
    [640, 480],
    [64, 64],
  ],
  PT: [
    [128, 128],
    [168, 168],
    [400, 400],
  ],
  CR: [
    [1760, 2140],
    [2500, 2048],
    [3480, 4248],
  ],
  DX: [
    [3001, 3001],
    [2544, 3056],
  ],
  MG: [
    [3328, 2560],
    [4096, 3328],
  ],
  NM: [
    [1024, 256],
    [128, 128],
    [64, 64],
  ],
}

/** Returns a generator of numbers from 0 to 1 (mulberry32); the same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const split = (list: string): string[] =>
  list
    .replaceAll('\n', '')
    .split('|')
    .filter((entry) => entry !== '')
const pick = <Value>(random: () => number, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!

/** Returns clean series of CT, MR, PET, radiographs, mammograms and scintigrams. */
export function cleanSeries(count: number, seed: number): GateFields[] {
  const random = seeded(seed)
  const modalities: readonly Modality[] = ['CT', 'CT', 'CT', 'MR', 'MR', 'MR', 'PT', 'CR', 'DX', 'MG', 'NM']
  return Array.from({ length: count }, () => {
    const Modality = pick(random, modalities)
    const [Rows, Columns] = pick(random, SIZES[Modality])
    return {
      SOPClassUID: CLASS[Modality],
      Modality,
      ImageType: pick(random, split(IMAGE_TYPES[Modality])),
      BurnedInAnnotation: pick(random, ['', 'NO']),
      ConversionType: '',
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
      SeriesDescription: pick(random, split(DESCRIPTIONS[Modality])),
      PhotometricInterpretation: pick(random, ['MONOCHROME2', 'MONOCHROME2', 'MONOCHROME1']),
      SamplesPerPixel: 1,
      BitsAllocated: 16,
      Rows,
      Columns,
      oriented: ['CT', 'MR', 'PT'].includes(Modality),
    }
  })
}

/** Names that makers and hospitals give to pages of text, in the languages of their consoles. */
export const TEXT_PAGES =
  split(`Dose Report|Dose Info|DOSE INFORMATION|Dose Summary|Dose Record|Dose Sheet|Dose|DoseReport|
Radiation Dose Summary|
Exposure Summary|Exposure Sheet|Patient Protocol|PATIENT PROTOCOL|Pat. Protocol|Exam Protocol|Scan Protocol|Protocol|
Injection Protocol|
Contrast Report|Screen Save|SCREENSAVE|Screen Shot|ScreenShots|Screen Captures|Save Screen|Xeleris Save Screen|
Snapshot|3D Snapshots|
Secondary Capture|Capture|Summary|RAPID Summary|Report|CT Perfusion Report|Calcium Score Report|CaScore Results|
Results|Exam Summary|
Worksheet|Tracker Graph|Time Density Curve Graph|Histogram|VXTL STATE|Vitrea VXTL|Evidence Documents|Scanned Document|
Requisition|Consent|
Patient Info|Patient Data|Procedure Report|QGS|Dosisbericht|Dosisprotokoll|Dosis|Patientenprotokoll|
Untersuchungsprotokoll|Befund|
Bildschirmfoto|Bildschirmkopie|Anforderung|Dosisrapport|Dosis overzicht|Patiënt gegevens|Onderzoeksverslag|
Schermafdruk|Aanvraag|
Rapport de dose|Relevé de dose|Fiche dosimétrique|Protocole patient|Compte rendu|Capture d'écran|
Copie écran|Ordonnance|
Informe de dosis|Captura de pantalla|Protocolo paciente|Resumen de dosis|Rapporto dose|Scheda paziente|Schermata|
Referto|
Relatório de dose|Captura de tela|Laudo|Raport dawki|Dosrapport|
剂量报告|患者协议|線量レポート|患者プロトコル|선량 보고서|Отчет о дозе`)

/** Values of ImageType with which makers mark such pages. */
export const TEXT_IMAGE_TYPES = split(`DERIVED\\SECONDARY\\SCREEN SAVE|DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT|
DERIVED\\SECONDARY\\OTHER\\CT_SOM7 PROT|
DERIVED\\SECONDARY\\VXTL STATE|DERIVED\\SECONDARY\\DOSE_INFO|DERIVED\\SECONDARY\\\\DOSEINFO|
ORIGINAL\\SECONDARY\\DOSE REPORT|
DERIVED\\SECONDARY\\OTHER\\CSA REPORT|DERIVED\\SECONDARY\\SCREENSHOT|DERIVED\\SECONDARY\\CAPTURE|
ORIGINAL\\PRIMARY\\PROTOCOL|
DERIVED\\SECONDARY\\SUMMARY|DERIVED\\SECONDARY\\RESULTS|DERIVED\\SECONDARY\\GRAPH|DERIVED\\PRIMARY\\PATIENT PROTOCOL|
DERIVED\\SECONDARY\\SNAPSHOT`)

const MAKERS = ['', 'GE ', 'SIEMENS ', 'Philips - ', 'TOSHIBA_', 'CANON ', '(999) ', '501 ']

/**
 * Returns pages of text in image classes: recognizable by the name of their series, by ImageType, by colour, or by an
 * absent ImageType together with one more sign.
 */
export function textScreens(seed: number): { readonly what: string; readonly fields: GateFields }[] {
  const random = seeded(seed)
  const clean = (): GateFields => cleanSeries(1, Math.floor(random() * 2 ** 31))[0]!
  const slice = (): GateFields => {
    for (;;) {
      const fields = clean()
      if (fields.oriented) return fields
    }
  }
  const written = (name: string): string =>
    pick(random, [(text: string) => text, (text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()])(
      name,
    )
  const named = TEXT_PAGES.flatMap((name) =>
    MAKERS.map((maker) => {
      const whole = /^(Dose|Dosis|Protocol|Capture)$/.test(name)
      const SeriesDescription = (whole ? '' : maker) + written(name)
      return { what: SeriesDescription, fields: { ...clean(), SeriesDescription } }
    }),
  )
  const marked = TEXT_IMAGE_TYPES.flatMap((ImageType) =>
    [0, 1, 2].map(() => ({ what: ImageType, fields: { ...clean(), ImageType, SeriesDescription: '' } })),
  )
  const coloured = (['RGB', 'YBR_FULL_422', 'PALETTE COLOR', 'YBR_RCT'] as const).flatMap((PhotometricInterpretation) =>
    (['CT', 'MR', 'PT', 'CR', 'DX', 'MG'] as const).map((Modality) => ({
      what: `${PhotometricInterpretation} in ${Modality}`,
      fields: {
        ...clean(),
        SOPClassUID: CLASS[Modality],
        Modality,
        PhotometricInterpretation,
        SamplesPerPixel: PhotometricInterpretation === 'PALETTE COLOR' ? 1 : 3,
      },
    })),
  )
  const untyped = [
    { what: 'colour', fields: { ...clean(), SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' } },
    { what: 'no geometry', fields: { ...slice(), oriented: false } },
    { what: 'the size of a screen', fields: { ...clean(), Rows: 768, Columns: 1024 } },
    { what: 'an odd size', fields: { ...slice(), Rows: 700, Columns: 512 } },
    { what: '8 bits', fields: { ...slice(), BitsAllocated: 8 } },
  ].map(({ what, fields }) => ({ what: `no ImageType and ${what}`, fields: { ...fields, ImageType: '' } }))
  const nameless = ['DERIVED\\SECONDARY', 'DERIVED\\SECONDARY\\OTHER'].map((ImageType) => ({
    what: `${ImageType} without a place`,
    fields: { ...slice(), ImageType, SeriesDescription: '', oriented: false },
  }))
  return [...named, ...marked, ...coloured, ...untyped, ...nameless]
}
