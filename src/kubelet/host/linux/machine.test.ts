import { describe, expect, test } from 'vitest'

import { parseProcessors } from './machine.ts'

const cpu = (socket: number, core: number) =>
  `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu\n`

describe('parseProcessors()', () => {
  const cases = [
    { of: 'one socket of two cores', cpus: [cpu(0, 0), cpu(0, 1)], is: { sockets: 1, cores: 2 } },
    { of: 'cores of two threads', cpus: [cpu(0, 0), cpu(0, 0)], is: { sockets: 1, cores: 1 } },
    { of: 'cores of one number in two sockets', cpus: [cpu(0, 0), cpu(1, 0)], is: { sockets: 2, cores: 2 } },
    { of: 'a machine that does not tell', cpus: ['processor\t: 0\nBogoMIPS\t: 50.00\n'], is: undefined },
  ]
  for (const { of, cpus, is } of cases) {
    test(`counts ${of}`, () => {
      expect(parseProcessors(cpus.join('\n'))).toEqual(is)
    })
  }
})
