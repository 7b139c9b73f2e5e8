/** Columns as kubectl prints them: upper-case heads, three blanks between. */

/** Lines of a table; the last column is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - cell.length),
      )
      .join('   '),
  )
  return `${lines.join('\n')}\n`
}

/** `1.5 MB`, as people say sizes. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** `12.3 MB of 80.0 MB (15 %)`. */
export function formatProgress(done: number, total: number): string {
  if (total <= 0) return formatSize(done)
  return `${formatSize(done)} of ${formatSize(total)} (${Math.floor((100 * Math.min(done, total)) / total)} %)`
}
