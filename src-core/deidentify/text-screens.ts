/**
 * How devices name the pages of text that they store as images: dose reports, protocol pages, screen saves, summaries.
 * Every word that the gate looks for stands here. The words are compared without case, accents and punctuation; each
 * is a pattern of a whole word or of several words.
 */

/** What a page is about. A page word beside one of these names a page of text. */
const SUBJECTS = [
  // English
  'DOSES?|DOSIMETRY|CTDI(VOL)?|DLP|RADIATION|EXPOSURE|PATIENTS?|PAT|EXAM(INATION)?|SCAN|STUDY|PROCEDURE|INJECT(ION|OR)',
  'CONTRAST|RESULTS?|CALCIUM SCOR(E|ING)|PERFUSION|MEASUREMENTS?',
  // German, Dutch
  'DOSIS|DOSISMETING|STRAHLEN(DOSIS|EXPOSITION)?|UNTERSUCHUNGS?|PATIENTEN|PATIENT EN|ONDERZOEKS?|STRALING(S)?(DOSIS)?',
  // French
  'DOSIMETRIE|DOSIMETRIQUE|EXAMEN|IRRADIATION|INJECTION',
  // Italian, Spanish, Portuguese
  'DOSI|DOSIMETRIA|DOSIMETRICO|PAZIENTE|ESAME|PACIENTE|DOSIS|ESTUDIO|ESTUDO|EXAME|RADIACION|RADIACAO',
  // Polish, Swedish, Danish, Norwegian
  'DAWKI|DAWKA|PACJENTA|BADANIA|STRALDOS|DOS|PASIENT|STRALEDOSE',
]

/** What a page is called, where its subject stands beside it. */
const PAGES = [
  'REPORTS?|RPT|REP|INFO|INFORMATION|SUMMARY|SUMM?|RECORD|SHEET|PAGE|SCREEN|PROTOCOLS?|PROT|TABLE|LOG|DATA|CARD|LABEL',
  'NAME|DEMOGRAPHICS|STATISTICS|OVERVIEW|GRAPH|CHART|CURVES?|LIST|NOTES?|DOCUMENT',
  // German, Dutch
  'BERICHTE?|PROTOKOLLE?|UBERSICHT|DATEN|BLATT|SEITE|TABELLE|INFORMATIONEN|BEFUND|KURVEN?',
  'RAPPORT|PROTOCOL|OVERZICHT|GEGEVENS|BLAD|PAGINA|TABEL|VERSLAG|INFORMATIE',
  // French
  'RAPPORTS?|PROTOCOLE|RESUME|RELEVE|FICHE|DONNEES|TABLEAU|BILAN|COMPTE RENDU|FEUILLE|INFORMATIONS',
  // Italian, Spanish, Portuguese
  'RAPPORTO|PROTOCOLLO|REFERTO|RIEPILOGO|SCHEDA|DATI|INFORME|PROTOCOLO|RESUMEN|DATOS|RELATORIO|RESUMO|DADOS|HOJA|FICHA',
  // Polish, Swedish, Danish, Norwegian
  'RAPORT|PROTOKOL|RAPPORT',
]

/** Between a page and its subject, in languages that name the page first. */
const LINKS = 'DE|DU|DES|D|LA|LE|L|LES|DI|DEL|DELLA|DELLO|DA|DO|OF|THE|VAN|DER|AL'

/** Names of pages and captures that need no subject. */
const ALONE = [
  // pictures of a screen
  '(SCREEN|SCRN|SCR) ?(SAVES?|SAVED|SHOTS?|CAPS?|CAPTURES?|CAPTURED|DUMPS?|GRABS?|COPY|COPIES|PRINTS?|IMAGES?)',
  '(SAVED?|PRINT|COPY) ?SCREENS?|SNAP ?SHOTS?|(SECONDARY|SEC) ?CAPTURES?|CAPTURES?|CAPTURED|HARD ?COPY',
  'BILDSCHIRM\\p{L}*|BILDSCHIRMFOTO|SCHERM ?(AFDRUK|AFDRUKKEN|OPNAME|KOPIE|FOTO|BEELD)?|SKARM(BILD|DUMP|KLIPP)',
  '(CAPTURES?|COPIE|IMAGE) ?(D )?ECRAN|CAPTURA( DE)? (PANTALLA|TELA|ECRA)|PANTALLAZO|SCHERMATA',
  'ISTANTANEA|ZRZUT( EKRANU)?',
  // reports and what is written about a patient
  'REPORTS?|SUMMARY|BERICHTE?|BEFUNDE?|RAPPORTS?|VERSLAG(EN)?|COMPTES? RENDUS?|INFORMES?|REFERT[OI]',
  'RELATORIOS?|LAUDOS?',
  'RAPORTY?|EVIDENCE( DOCUMENTS?)?|WORK ?SHEETS?|STATISTICS|HISTOGRAMS?|GRAPHS?|RESULTS|ERGEBNISSE?',
  'RESULTATEN|RESULTATS',
  // pages of makers: dose and protocol pages, states and results of their workstations
  'PROT|PATIENTPROTOCOL|DOSE ?(INFO|REPORT|SUMMARY|RECORD)|VXTL|VXTL STATE|XELERIS|SMARTREPORT|QGS|QPS|ECTB',
  // paper
  'SCANNED|DIGITI[SZ]ED|DOCUMENTS?|DOKUMENTE?|DOCUMENTEN|REQUISITION|REFERRAL|CONSENT|QUESTIONNAIRE|WORKLIST',
  'ANFORDERUNG|UBERWEISUNG|AUFKLARUNG|ARZTBRIEF|FORMULAR|AANVRAAG|FORMULIER|TOESTEMMING|ORDONNANCE',
  'FORMULAIRE|CONSENTEMENT',
]

/** The whole description: beside other words these name a technique (low dose, trauma protocol). */
const WHOLE = [
  'DOSES?|DOSIS|PROTOCOLS?|PROTOKOLLE?|PROTOCOLE|PROTOCOLO|PROTOCOLLO|INFO|SUMM?|RESULT|SCREENS?',
  'CAPTURE|PATIENT|LABEL|TEXT',
]

/** Scripts without blanks between words: found anywhere. Dose, report, protocol, screen. */
const ANYWHERE = [
  '剂量|劑量|报告|報告|协议|協議|截图|截圖|线量|線量|被ばく|レポート|プロトコル|画面|スクリーン',
  '선량|보고서|프로토콜|화면|ОТЧЕТ|ПРОТОКОЛ ПАЦИЕНТА|ДОЗА|СНИМОК ЭКРАНА|ΑΝΑΦΟΡΑ|ΔΟΣΗ',
]

/**
 * Values 3 and up of ImageType, which PS3.3 C.7.6.1.1.2 leaves to devices, found anywhere in the value: the makers
 * join words in their own ways.
 */
const IMAGE_TYPE_PARTS =
  'SCREEN|CAPTURE|SNAPSHOT|DISPLAY|REPORT|DOSE|SCANNED|DIGITI[SZ]ED|PHOTO|DOCUMENT|HARDCOPY|PROTOCOL|SUMMARY|VXTL'
const IMAGE_TYPE_WHOLE = 'LABEL|OVERVIEW|THUMBNAIL|TEXT|TABLE|GRAPH|CHART|CURVE|INFO'

/** Upper case, without accents; everything but letters and digits is one blank. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

const any = (patterns: readonly string[]): string => `(?:${patterns.join('|')})`
const [subject, page] = [any(SUBJECTS), any(PAGES)]
const TEXT_PAGE = new RegExp(
  [
    `(?:^| )(?:${any(ALONE)}|${subject} ?${page}|${page}(?: ${any([LINKS])})* ${subject})(?: |$)`,
    `^${any(WHOLE)}(?: \\d+)?$`,
    plain(any(ANYWHERE).slice(3, -1).replaceAll('|', ' 0 ')).replaceAll(' 0 ', '|'),
  ].join('|'),
  'u',
)
const TEXT_IMAGE_TYPE = new RegExp(`${IMAGE_TYPE_PARTS}|^(?:${IMAGE_TYPE_WHOLE})$`)

/** The longest description that DICOM allows (LO). A longer one is cut: it must not cost time. */
const LONGEST = 64
/** Descriptions and image types come again with every instance of a series. */
const answers = new Map<string, boolean>()
const MOST_ANSWERS = 1000

/** Whether a series description names a page of text: a dose report, a protocol page, a screen save, a summary. */
export function namesTextPage(SeriesDescription: string): boolean {
  const known = answers.get(SeriesDescription)
  if (known !== undefined) return known
  const answer = TEXT_PAGE.test(plain(SeriesDescription.slice(0, LONGEST)))
  if (answers.size >= MOST_ANSWERS) answers.clear()
  answers.set(SeriesDescription, answer)
  return answer
}

/**
 * Whether a value of ImageType marks a screen, a report or a label. The first two values are defined terms and say
 * nothing of it.
 */
export function marksTextPage(ImageTypeValue: string): boolean {
  return TEXT_IMAGE_TYPE.test(ImageTypeValue.toUpperCase()) || namesTextPage(ImageTypeValue)
}

/** Columns × rows of usual screens, whose pictures are taken whole. */
const SCREEN_SIZES = new Set(
  `640x480 720x480 720x576 768x576 800x600 832x624 960x720 1024x768 1152x864 1152x870 1152x900 1280x720 1280x768
  1280x800 1280x960 1280x1024 1360x768 1366x768 1400x1050 1440x900 1440x1080 1600x900 1600x1200 1680x1050 1920x1080
  1920x1200 2048x1152 2048x1536 2560x1440 2560x1600 3840x2160`.split(/\s+/),
)

/** Whether an image has the size of a usual screen. */
export function hasScreenSize(Rows: number, Columns: number): boolean {
  return SCREEN_SIZES.has(`${Columns}x${Rows}`)
}
