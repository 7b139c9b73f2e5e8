/** What went through network interfaces, as /proc/PID/net/dev tells it (proc_pid_net(5)). Pure. */

import type { InterfaceUsage, Traffic } from '../usage.ts'

/** Loops, and the ends of wires that lead into containers: what they carry is counted at the other end. */
const PASSED_OVER = /^(?:lo$|veth|docker|nerdctl)/

/** All interfaces but those that only lead on. */
export function parseInterfaces(text: string): readonly InterfaceUsage[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const [name = '', figures] = line.split(':', 2).map((part) => part.trim())
      if (figures === undefined || PASSED_OVER.test(name)) return []
      const numbers = figures.split(/\s+/).map(Number)
      return [{ name, received: trafficAt(numbers, 0), sent: trafficAt(numbers, 8) }]
    })
}

function trafficAt(numbers: readonly number[], at: number): Traffic {
  const [bytes = 0, packets = 0, errors = 0, dropped = 0] = numbers.slice(at)
  return { bytes, packets, errors, dropped }
}
