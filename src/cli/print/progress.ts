/** Shows steps while they run: a turning mark on a terminal; elsewhere plain lines, and few of them. */

import type { Clock } from '../../base/clock.ts'
import type { Ui } from '../operations.ts'

/** Where progress goes. */
export interface Output {
  write(text: string): void
  readonly isTTY: boolean
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80

const CLEAR_LINE = '\r\u001b[2K'
const GREEN = '\u001b[32m'
const RED = '\u001b[31m'
const PLAIN = '\u001b[0m'

export function progressUi(out: Output, clock: Clock): Ui {
  const colored = (color: string, text: string) => (out.isTTY ? `${color}${text}${PLAIN}` : text)

  return {
    note(text) {
      out.write(`${out.isTTY ? CLEAR_LINE : ''}${text}\n`)
    },
    async step(title, work) {
      const start = clock.monotonic()
      const line = out.isTTY ? animate(out, clock, title) : tellNowAndThen(out, clock, title)
      const took = () => {
        const ms = clock.monotonic() - start
        return ms < 100 ? '' : ` (${(ms / 1000).toFixed(1)} s)`
      }
      try {
        const result = await work(line.detail)
        line.stop()
        out.write(`${colored(GREEN, '✓')} ${title}${took()}\n`)
        return result
      } catch (error) {
        line.stop()
        out.write(`${colored(RED, '✗')} ${title}\n`)
        throw error
      }
    },
  }
}

interface Line {
  readonly detail: (text: string) => void
  readonly stop: () => void
}

/** How often a log, or a pipe, hears how far a step is. */
const TELL_MS = 10_000

function tellNowAndThen(out: Output, clock: Clock, title: string): Line {
  let told = clock.monotonic()
  return {
    detail(text) {
      if (text === '' || clock.monotonic() - told < TELL_MS) return
      told = clock.monotonic()
      out.write(`… ${title}: ${text}\n`)
    },
    stop: () => {},
  }
}

/** Redraws the line until it is stopped. */
function animate(out: Output, clock: Clock, title: string): Line {
  let frame = 0
  let more = ''
  let cancel = () => {}
  const draw = () => {
    out.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length] ?? ''} ${title}${more}`)
    cancel = clock.after(FRAME_MS, draw)
  }
  draw()
  return {
    detail: (text) => {
      more = text === '' ? '' : `: ${text}`
    },
    stop: () => {
      cancel()
      out.write(CLEAR_LINE)
    },
  }
}
