/**
 * Recognizes the names that devices give to pages of text which they store as images: dose reports, protocol pages,
 * screen captures and summaries. All words that the gate searches for are in this file. They are compared without case,
 * accents and punctuation; each pattern matches one or more whole words.
 */

/** Subjects of a page. A word of PAGE_WORDS next to one of these names a page of text. */
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

/** Words for a page, which count only next to a subject. */
const PAGE_WORDS = [
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

/** Words between page and subject, in languages that name the page first. */
const LINK_WORDS = 'DE|DU|DES|D|LA|LE|L|LES|DI|DEL|DELLA|DELLO|DA|DO|OF|THE|VAN|DER|AL'

/** Names of pages and screen captures that need no subject. */
const STANDALONE_NAMES = [
  // Screen captures.
  '(SCREEN|SCRN|SCR) ?(SAVES?|SAVED|SHOTS?|CAPS?|CAPTURES?|CAPTURED|DUMPS?|GRABS?|COPY|COPIES|PRINTS?|IMAGES?)',
  '(SAVED?|PRINT|COPY) ?SCREENS?|SNAP ?SHOTS?|(SECONDARY|SEC) ?CAPTURES?|CAPTURES?|CAPTURED|HARD ?COPY',
  'BILDSCHIRM\\p{L}*|BILDSCHIRMFOTO|SCHERM ?(AFDRUK|AFDRUKKEN|OPNAME|KOPIE|FOTO|BEELD)?|SKARM(BILD|DUMP|KLIPP)',
  '(CAPTURES?|COPIE|IMAGE) ?(D )?ECRAN|CAPTURA( DE)? (PANTALLA|TELA|ECRA)|PANTALLAZO|SCHERMATA',
  'ISTANTANEA|ZRZUT( EKRANU)?',
  // Reports and other texts about a patient.
  'REPORTS?|SUMMARY|BERICHTE?|BEFUNDE?|RAPPORTS?|VERSLAG(EN)?|COMPTES? RENDUS?|INFORMES?|REFERT[OI]',
  'RELATORIOS?|LAUDOS?',
  'RAPORTY?|EVIDENCE( DOCUMENTS?)?|WORK ?SHEETS?|STATISTICS|HISTOGRAMS?|GRAPHS?|RESULTS|ERGEBNISSE?',
  'RESULTATEN|RESULTATS',
  // Names that manufacturers use for dose pages, protocol pages, and states and results of their workstations.
  'PROT|PATIENTPROTOCOL|DOSE ?(INFO|REPORT|SUMMARY|RECORD)|VXTL|VXTL STATE|XELERIS|SMARTREPORT|QGS|QPS|ECTB',
  // Scanned paper.
  'SCANNED|DIGITI[SZ]ED|DOCUMENTS?|DOKUMENTE?|DOCUMENTEN|REQUISITION|REFERRAL|CONSENT|QUESTIONNAIRE|WORKLIST',
  'ANFORDERUNG|UBERWEISUNG|AUFKLARUNG|ARZTBRIEF|FORMULAR|AANVRAAG|FORMULIER|TOESTEMMING|ORDONNANCE',
  'FORMULAIRE|CONSENTEMENT',
]

/**
 * These words name a page only as the whole description. Next to other words they name a technique, such as low dose or
 * trauma protocol.
 */
const WHOLE_DESCRIPTIONS = [
  'DOSES?|DOSIS|PROTOCOLS?|PROTOKOLLE?|PROTOCOLE|PROTOCOLO|PROTOCOLLO|INFO|SUMM?|RESULT|SCREENS?',
  'CAPTURE|PATIENT|LABEL|TEXT',
]

/**
 * Words for dose, report, protocol and screen that are found anywhere in a text. Most are of scripts without blanks
 * between words.
 */
const FOUND_ANYWHERE = [
  '剂量|劑量|报告|報告|协议|協議|截图|截圖|线量|線量',
  '被ばく|レポート|プロトコル|画面|スクリーン|선량|보고서|프로토콜|화면',
  'ОТЧЕТ|ПРОТОКОЛ ПАЦИЕНТА|ДОЗА|СНИМОК ЭКРАНА|ΑΝΑΦΟΡΑ|ΔΟΣΗ',
]

/**
 * Parts of values 3 and higher of ImageType, which PS3.3 C.7.6.1.1.2 leaves to manufacturers. They are found anywhere
 * in the value, because manufacturers join words in different ways.
 */
const IMAGE_TYPE_PARTS =
  'SCREEN|CAPTURE|SNAPSHOT|DISPLAY|REPORT|DOSE|SCANNED|DIGITI[SZ]ED|PHOTO|DOCUMENT|HARDCOPY|PROTOCOL|SUMMARY|VXTL'
const IMAGE_TYPE_WHOLE = 'LABEL|OVERVIEW|THUMBNAIL|TEXT|TABLE|GRAPH|CHART|CURVE|INFO'

/** The text in upper case without accents, with one blank in place of everything except letters and digits. */
function normalized(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

const anyOf = (patterns: readonly string[]): string => `(?:${patterns.join('|')})`
const [subject, page] = [anyOf(SUBJECTS), anyOf(PAGE_WORDS)]
const TEXT_PAGE = new RegExp(
  [
    `(?:^| )(?:${anyOf(STANDALONE_NAMES)}|${subject} ?${page}|${page}(?: ${anyOf([LINK_WORDS])})* ${subject})(?: |$)`,
    `^${anyOf(WHOLE_DESCRIPTIONS)}(?: \\d+)?$`,
    normalized(anyOf(FOUND_ANYWHERE).slice(3, -1).replaceAll('|', ' 0 ')).replaceAll(' 0 ', '|'),
  ].join('|'),
  'u',
)
const TEXT_IMAGE_TYPE = new RegExp(`${IMAGE_TYPE_PARTS}|^(?:${IMAGE_TYPE_WHOLE})$`)

/**
 * The longest description that DICOM allows (LO), in characters. A longer one is cut, so that it cannot cost much time.
 */
const MAX_DESCRIPTION_LENGTH = 64
/** Earlier answers, kept because descriptions and image types repeat for every instance of a series. */
const answers = new Map<string, boolean>()
const MAX_ANSWERS = 1000

/** Whether a series description names a page of text: a dose report, a protocol page, a screen capture or a summary. */
export function namesTextPage(SeriesDescription: string): boolean {
  const earlierAnswer = answers.get(SeriesDescription)
  if (earlierAnswer !== undefined) return earlierAnswer
  const answer = TEXT_PAGE.test(normalized(SeriesDescription.slice(0, MAX_DESCRIPTION_LENGTH)))
  if (answers.size >= MAX_ANSWERS) answers.clear()
  answers.set(SeriesDescription, answer)
  return answer
}

/**
 * Whether a value of ImageType marks a screen, a report or a label. The first two values are defined terms and cannot.
 */
export function marksTextPage(ImageTypeValue: string): boolean {
  return TEXT_IMAGE_TYPE.test(ImageTypeValue.toUpperCase()) || namesTextPage(ImageTypeValue)
}

/** Columns × rows of usual screens. A screen capture has the size of the screen. */
const SCREEN_SIZES = new Set(
  `640x480 720x480 720x576 768x576 800x600 832x624 960x720 1024x768 1152x864 1152x870 1152x900 1280x720 1280x768
  1280x800 1280x960 1280x1024 1360x768 1366x768 1400x1050 1440x900 1440x1080 1600x900 1600x1200 1680x1050 1920x1080
  1920x1200 2048x1152 2048x1536 2560x1440 2560x1600 3840x2160`.split(/\s+/),
)

/** Whether an image has the size of a usual screen. */
export function hasScreenSize(Rows: number, Columns: number): boolean {
  return SCREEN_SIZES.has(`${Columns}x${Rows}`)
}
