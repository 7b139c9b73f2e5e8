/**
 * Files of variables, as containers write them for those that start later
 * (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file/): a strict part of
 * what shells read. Pure.
 */

const fault = (line: number, what: string) => new Error(`invalid environment variable format at line ${line}: ${what}`)

/**
 * The value of `key`; `undefined` when the file does not set it, or sets it to nothing. Reading ends there: what comes
 * after it in the file is not looked at. Throws when a line before is not of the form `NAME='value'`.
 */
export function envFileValue(text: string, key: string): string | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const { name, rest } = assignment(line, index + 1)
    // To a shell, `NAME= 'value'` sets the name to nothing.
    if (/^[ \t]/.test(rest)) {
      if (name === key) return undefined
      continue
    }
    const { value, end } = quoted(lines, index, rest)
    if (name === key) return value === '' ? undefined : value
    index = end
  }
  return undefined
}

function assignment(line: string, number: number): { readonly name: string; readonly rest: string } {
  const equals = line.indexOf('=')
  if (equals < 0) throw fault(number, "missing '='")
  const name = line.slice(0, equals)
  if (name.trim() === '') throw fault(number, 'empty variable name')
  if (/[ \t]$/.test(name)) throw fault(number, "whitespace before '=' is not allowed")
  return { name, rest: line.slice(equals + 1) }
}

/** The text between the quotes, which may span lines; `end` is the line on which it ends. */
function quoted(lines: readonly string[], begin: number, rest: string) {
  if (!rest.startsWith("'")) throw fault(begin + 1, 'value must be enclosed in single quotes')
  const parts: string[] = []
  for (let index = begin, open = rest.slice(1); ; open = lines[++index] ?? '') {
    if (index >= lines.length) {
      throw new Error(`invalid environment variable format starting at line ${begin + 1}: unclosed single quote`)
    }
    const close = open.indexOf("'")
    if (close < 0) {
      parts.push(open)
      continue
    }
    const after = open.slice(close + 1).replace(/^[ \t]+/, '')
    if (after !== '' && !after.startsWith('#')) throw fault(index + 1, 'unexpected content after closing quote')
    return { value: [...parts, open.slice(0, close)].join('\n'), end: index }
  }
}
