import { describe, expect, test } from 'vitest'

import { envFileValue } from './env-file.ts'

describe('envFileValue()', () => {
  const cases: readonly { readonly when: string; readonly text: string; readonly is: string | undefined }[] = [
    { when: 'it is the only one', text: "KEY='value'", is: 'value' },
    { when: 'others, comments and empty lines come before', text: "# a\n\n \t\nA='1'\n  KEY='2' # two\n", is: '2' },
    { when: 'it is there twice', text: "KEY='1'\nKEY='2'", is: '1' },
    { when: 'it spans lines', text: "KEY='a\n# b\n c'\nB='x'", is: 'a\n# b\n c' },
    { when: 'nothing in it is to be expanded', text: 'KEY=\'$HOME \\n "x"\'', is: '$HOME \\n "x"' },
    { when: 'its lines end as on Windows', text: "A='1'\r\nKEY='2'\r\n", is: '2' },
    { when: 'it is empty', text: "KEY=''", is: undefined },
    { when: 'a space stands before its value', text: "KEY= 'x'", is: undefined },
    { when: 'only another is there', text: "KEYS='x'", is: undefined },
    { when: 'what comes after it makes no sense', text: "KEY='x'\nwhat", is: 'x' },
    { when: 'a value of another looks like it', text: "A='\nKEY=1\n'\nKEY='2'", is: '2' },
  ]
  for (const { when, text, is } of cases) {
    test(`is ${JSON.stringify(is)} when ${when}`, () => {
      expect(envFileValue(text, 'KEY')).toBe(is)
    })
  }

  const faults: readonly (readonly [text: string, says: string])[] = [
    ['KEY', "invalid environment variable format at line 1: missing '='"],
    ["A='1'\n='x'", 'invalid environment variable format at line 2: empty variable name'],
    ["KEY ='x'", "invalid environment variable format at line 1: whitespace before '=' is not allowed"],
    ['KEY=x', 'invalid environment variable format at line 1: value must be enclosed in single quotes'],
    ['KEY="x"', 'invalid environment variable format at line 1: value must be enclosed in single quotes'],
    ['KEY=', 'invalid environment variable format at line 1: value must be enclosed in single quotes'],
    ["KEY='x'y", 'invalid environment variable format at line 1: unexpected content after closing quote'],
    ["A='x\ny'z", 'invalid environment variable format at line 2: unexpected content after closing quote'],
    ["\nKEY='x\ny", 'invalid environment variable format starting at line 2: unclosed single quote'],
  ]
  for (const [text, says] of faults) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => envFileValue(text, 'KEY')).toThrow(says)
    })
  }
})
