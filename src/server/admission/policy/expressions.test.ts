import { expect, test } from 'vitest'

import type { Steps } from '../../../base/async/steps.ts'
import { compileStored, compileVariables, evaluateAll, POLICY_BUDGET } from './expressions.ts'

/** What it comes to, and how often others had their turn meanwhile. */
function counted<T>(steps: Steps<T>): { readonly value: T; readonly turns: number } {
  for (let turns = 1; ; turns++) {
    const { done, value } = steps.next()
    if (done === true) return { value, turns }
  }
}

const LOOP = 'lists.range(20000).all(a, a < 30000)'

/** Evaluates an expression with these variables. */
function evaluated(expression: string, variables: Readonly<Record<string, string>> = {}) {
  const named = Object.entries(variables).map(([name, text]) => ({ name, expression: text }))
  const { compiled, types } = compileVariables(named, false)
  const expressions = [compileStored(expression, { params: false, variables: types })]
  const scope = { variables: () => undefined, own: compiled }
  const { value, turns } = counted(evaluateAll(expressions, scope, POLICY_BUDGET))
  return { result: value.results[0], cost: POLICY_BUDGET - value.left, turns }
}

test('others have their turn within an expression', () => {
  const { result, cost, turns } = evaluated(LOOP)
  expect(result).toMatchObject({ value: true })
  expect(turns).toBeGreaterThan(2)
  expect(evaluated(`${LOOP} && true`)).toMatchObject({ result: { value: true }, cost })
})

test('others have their turn within the variables that an expression needs, and these cost as much as otherwise', () => {
  const alone = evaluated(LOOP)
  const together = evaluated('[1, 2].all(x, variables.both && x > 0) && variables.one', {
    one: LOOP,
    both: `variables.one && ${LOOP}`,
  })
  expect(together.result).toMatchObject({ value: true })
  expect(together.turns).toBeGreaterThan(2 * alone.turns - 2)
  const rest = evaluated('[1, 2].all(x, variables.both && x > 0) && variables.one', {
    one: 'true',
    both: 'variables.one && true',
  })
  expect(together.cost).toBe(2 * alone.cost + rest.cost)
})

test('a variable that fails late fails for all that need it', () => {
  const { result } = evaluated('variables.bad == [1] || variables.bad == [2]', {
    bad: 'lists.range(20000).map(x, 1 / (19999 - x))',
  })
  const words = 'composited variable "bad" fails to evaluate: division by zero'
  expect(result).toMatchObject({ error: expect.stringContaining(words) as string })
})
