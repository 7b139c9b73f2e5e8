/** Ages as `kubectl` prints them: `5s`, `2m30s`, `3h`, `9d`. */

import { fromTime } from '../base/clock.ts'

/** How long, in one or two units. Slightly negative durations are clocks that disagree and count as zero. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 120) return `${Math.max(0, seconds)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return pair(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`
}

const pair = (large: number, unit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`

/** How long ago a time was; `<unknown>` for one that is not given. */
export function ageOf(time: string | undefined, now: number): string {
  const since = fromTime(time)
  return since === undefined ? '<unknown>' : humanDuration(now - since)
}
