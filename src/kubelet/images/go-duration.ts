/** Durations as Kubernetes's messages write them. */

/** E.g. `652ms`, `1.2s`, `1m2.5s`, `0s`; whole milliseconds. */
export function goDuration(ms: number): string {
  const whole = Math.floor(ms)
  if (whole === 0) return '0s'
  if (whole < 1000) return `${whole}ms`
  const seconds = Math.floor(whole / 1000)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = (whole % 60_000) / 1000
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`
}
