/** The formatter of the texts in resources/messages that programs fill: mails, relay pages, text messages, errors. */

type TemplateValues = Readonly<Record<string, string | number | boolean>>

let failOnMissingValue = false

/** Makes formatTemplate throw when a value is missing. The test runner calls this before each test file. */
export function rejectMissingValues(): void {
  failOnMissingValue = true
}

/**
 * Replaces each {name} of a template by the value of that name. A value that contains braces is not filled again.
 * @returns the text; a missing value becomes an empty text, because a mail with a gap is better than none
 */
export function formatTemplate(template: string, values: TemplateValues): string {
  return template.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined && failOnMissingValue) throw new Error(`the template has no value for {${name}}`)
    return String(value ?? '')
  })
}
