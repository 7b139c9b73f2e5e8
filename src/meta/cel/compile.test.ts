import { describe, expect, test } from 'vitest'

import { admissionEnvironment } from './admission.ts'
import { compile } from './compile.ts'
import { CompileError } from './source.ts'
import { typeName } from './types.ts'

const environment = admissionEnvironment({ params: true })

function faultsOf(text: string): string[] {
  try {
    compile(text, environment)
    return []
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return error.message.split('\n').filter((line) => line.startsWith('ERROR: '))
  }
}

const START =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

describe('the type of an expression', () => {
  test.each([
    ['object.spec.replicas > 1', 'bool'],
    ['object.x', 'dyn'],
    ['1 < 2.0', 'bool'],
    ['[1, 2].map(x, x * 2)', 'list(int)'],
    ['{"a": 1}.transformMap(k, v, v > 1)', 'map(string, bool)'],
    ['object.?a.optMap(x, x.b)', 'optional_type(dyn)'],
    ['request.userInfo.extra["a"][0]', 'string'],
    ['authorizer.requestResource.check("get").allowed()', 'bool'],
    ['quantity("1k").add(1).asInteger()', 'int'],
    ['format.dns1123Label().validate("x").hasValue()', 'bool'],
    ['ip.isCanonical("::1") ? cidr("10.0.0.0/8").masked() : cidr("a")', 'net.CIDR'],
    ['-9223372036854775808', 'int'],
    ['true // what follows is not read', 'bool'],
  ])('%s is %s', (text, type) => {
    expect(typeName(compile(text, environment).type)).toBe(type)
  })
})

describe('an expression that makes no sense is told of with its place', () => {
  test.each([
    ['x', "1:1: undeclared reference to 'x' (in container '')"],
    ['1 + "a"', "1:3: found no matching overload for '_+_' applied to '(int, string)'"],
    ['"a".startsWith(1)', "1:15: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ['request.foo == "a"', "1:8: undefined field 'foo'"],
    ['true && 1', "1:9: expected type 'bool' but found 'int'"],
    ['[1, "a"] == []', "1:5: expected type 'int' but found 'string'"],
    ['[?1] == [1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['1.x', "1:2: type 'int' does not support field selection"],
    ['quantity("1").x', "1:14: unexpected failed resolution of 'kubernetes.Quantity'"],
    ['1.all(x, x)', "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['[1].all(1, true)', '1:9: argument must be a simple name'],
    ['[1].transformList(i, i, i)', '1:22: duplicate variable name: i'],
    ['has(object)', '1:5: invalid argument to has() macro'],
    ['"a".matches("a(")', '1:13: invalid matches argument'],
    ['duration("1x") > duration("1h")', '1:10: invalid duration argument'],
    [
      '"%d".format(["a"])',
      '1:14: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ['import == 1', '1:1: reserved identifier: import'],
    ['9223372036854775808', '1:1: invalid int literal'],
    ['', `1:0: Syntax error: mismatched input '<EOF>' expecting ${START}`],
    ['1 +', `1:4: Syntax error: mismatched input '<EOF>' expecting ${START}`],
    ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
    ['(1', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['object.', "1:8: Syntax error: no viable alternative at input '.'"],
    ['[1, 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
    ['a ? b', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ])('%s', (text, fault) => {
    expect(faultsOf(text)).toEqual([`ERROR: <input>:${fault}`])
  })

  test('all faults are told, in the order of their places, each with its line and a mark', () => {
    const fault = (place: string, name: string) =>
      `ERROR: <input>:${place}: undeclared reference to '${name}' (in container '')`
    const told = `${fault('1:1', 'x')}\n | x &&\n | ^\n${fault('2:2', 'y')}\n |  y\n | .^`
    expect(() => compile('x &&\n y', environment)).toThrow(told)
  })

  test('wide characters have wide marks', () => {
    expect(() => compile('"\u65e5" + y', environment)).toThrow(' | "\u65e5" + y\n | .\uff0e....^')
  })
})

describe('what is hostile is refused', () => {
  test('nesting that is too deep', () => {
    expect(faultsOf('('.repeat(10_000))).toEqual(['ERROR: <input>:1:1: expression recursion limit exceeded: 250'])
  })

  test('an expression that is too long', () => {
    const [fault] = faultsOf(`"${'a'.repeat(100_001)}"`)
    expect(fault).toContain('expression code point size exceeds limit: size: 100003, limit 100000')
  })

  test('macros that repeat what they are called on, which has more of them', () => {
    const chain = (length: number) => `optional.of(1)${'.optMap(x, x)'.repeat(length)}.hasValue()`
    expect(faultsOf(chain(8))).toEqual([])
    const words = 'expression is too large when its macros are expanded'
    expect(faultsOf(chain(200))[0]).toContain(words)
    expect(faultsOf(`[${`${chain(10)}, `.repeat(400)}true]`)[0]).toContain(words)
  })

  test('names that JavaScript gives a meaning to mean nothing', () => {
    expect(faultsOf('request.constructor == 1')).toEqual(["ERROR: <input>:1:8: undefined field 'constructor'"])
    expect(faultsOf('__proto__ == 1')).toEqual([
      "ERROR: <input>:1:1: undeclared reference to '__proto__' (in container '')",
    ])
  })
})
