import { describe, expect, test } from 'vitest'
import { keepCommandWords } from './image.ts'

describe('keepCommandWords()', () => {
  const cases = [
    {
      args: ['image', 'make', 'p', '--from-binary', '/x', '--cmd', 'x', '-P'],
      want: ['image', 'make', 'p', '--from-binary', '/x', '--cmd=x', '--cmd=-P'],
    },
    {
      args: ['image', 'make', 'p', '--cmd', 'x', '-P', '--from-binary', '/x'],
      want: ['image', 'make', 'p', '--cmd=x', '--cmd=-P', '--from-binary', '/x'],
    },
    { args: ['up', '--cmd', 'x'], want: ['up', '--cmd', 'x'] },
    { args: ['image', 'make', 'p', '--from-binary', '/x'], want: ['image', 'make', 'p', '--from-binary', '/x'] },
  ]
  for (const { args, want } of cases) {
    test(`reads gorae ${args.join(' ')}`, () => expect(keepCommandWords(args)).toEqual(want))
  }
})
