/**
 * References `$(NAME)` in commands, arguments and variables
 * (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
 */

/** Replaces references to known names; `$$` is a dollar sign; what is unknown or unfinished stays as written. */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  let result = ''
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0 || dollar + 1 >= text.length) break
    result += text.slice(at, dollar)
    const next = text.charAt(dollar + 1)
    if (next === '$') {
      result += '$'
      at = dollar + 2
      continue
    }
    const end = next === '(' ? text.indexOf(')', dollar + 2) : -1
    if (end < 0) {
      result += `$${next}`
      at = dollar + 2
      continue
    }
    const name = text.slice(dollar + 2, end)
    result += lookUp(name) ?? `$(${name})`
    at = end + 1
  }
  return result + text.slice(at)
}
