import { describe, expect, test } from 'vitest'

import { atOnce, type Steps } from '../../base/async/steps.ts'
import { compile } from './compile.ts'
import { extend } from './environment.ts'
import { CostExceeded, evaluateInSteps, Evaluator, Pace, tryEvaluate, type Variables } from './evaluate.ts'
import { kubernetesEnvironment } from './kubernetes.ts'
import { DYN } from './types.ts'
import { type CelValue, EvaluationError, fromHost } from './values.ts'

const environment = extend(kubernetesEnvironment(), { variables: { object: DYN } })
const object = fromHost({
  name: 'web',
  replicas: 3,
  ratio: 0.5,
  labels: { app: 'web', 'a-b': 'c' },
  containers: [{ image: 'a:1', ports: [80, 443] }, { image: 'b:2' }],
})

/** What comes of an expression, which is the same however often others have their turn meanwhile. */
function run(text: string, limit = 1_000_000): { value: CelValue; cost: number } {
  const checked = compile(text, environment)
  const variables: Variables = (name) => (name === 'object' ? object : undefined)
  const outcome = tryEvaluate(checked, variables, limit)
  for (const share of [0, 7, 1_000]) {
    const evaluator = new Evaluator(checked, variables, limit, new Pace(share))
    expect(atOnce(evaluateInSteps(evaluator))).toEqual(outcome)
  }
  if ('error' in outcome) throw outcome.error
  return outcome
}

describe('what is true', () => {
  test.each([
    'object.replicas == 3 && object.ratio < 1',
    'object.labels["a-b"] == "c" && "app" in object.labels && !("x" in object.labels)',
    'has(object.labels.app) && !has(object.labels.x) && !has(object.spec)',
    'object.containers.all(c, c.image.contains(":")) && object.containers.exists_one(c, has(c.ports))',
    'object.containers.map(c, c.image) == ["a:1", "b:2"]',
    'object.containers.filter(c, has(c.ports)).map(c, c.ports[1]) == [443]',
    'object.?spec.?x.orValue("none") == "none" && object[?"name"].value() == "web"',
    'object.?name.optMap(n, n + "!").orValue("") == "web!"',
    'object.labels.exists(k, v, k == "app" && v == "web")',
    '[1, 2].transformMap(i, v, v * 2) == {0: 2, 1: 4}',
    '["a", "b"].transformMapEntry(i, v, {v: i}) == {"a": 0, "b": 1}',
    '[dyn(1), dyn(1u), dyn(1.0), dyn("1"), dyn(1.5), dyn(true), dyn("true"), dyn(null), dyn("null")].distinct().size() == 7',
    '[dyn({"a": [1], "b": [2]}), dyn({"b": [2], "a": [1]}), dyn({"a": ["1"]})].distinct().size() == 2',
    '[double("NaN"), double("NaN"), 1.0].distinct().size() == 3',
    '[["a b", "c"], ["a", "b c"], ["a b", "c"]].distinct().size() == 2 && [b"a", b"a"].distinct() == [b"a"]',
    '[quantity("1"), quantity("1000m"), quantity("2")].distinct().size() == 2 && sets.contains([quantity("1")], [quantity("1")])',
    '[timestamp(0), timestamp(0)].distinct().size() == 1 && sets.intersects([duration("60s")], [duration("1m")])',
    'sets.equivalent(lists.range(30000), lists.range(30000)) && lists.range(30000).distinct().size() == 30000',
    '[1, 2].map(x, [x, 3].map(y, y)) == [[1, 3], [2, 3]] && [[1], [2]].map(l, l) == [[1], [2]]',
    'lists.range(30000).map(x, x).size() == 30000 && lists.range(20000).transformMap(i, v, v).size() == 20000',
    'object.missing == 1 || true',
    '!(false && object.missing == 1)',
    '[0, 2].exists(x, 2 / x == 1)',
    // What a name is bound to is made when it is first needed, of the variables that were there where it was bound.
    '[1].map(y, optional.of(y).optMap(n, [5].map(y, n + y)).value()) == [[6]]',
    '[1, 2].map(x, [x].map(x, x + 1)[0] + x) == [3, 5]',
    '[[1, 2], [3]].map(l, l.map(x, x * l.size())) == [[2, 4], [3]]',
    '1 == dyn(1.0) && dyn(1u) == 1 && {1: "a"}[dyn(1u)] == "a"',
    '7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1 && 7.0 / 2.0 == 3.5',
    '"\\u00e9".size() == 1 && "\\U0001F600".size() == 1 && bytes("\\u00e9").size() == 2',
    'duration("1h30m") - duration("90m") == duration("0s") && string(duration("1.5s")) == "1.5s"',
    'timestamp("2024-02-29T12:00:00Z") + duration("24h") == timestamp("2024-03-01T12:00:00Z")',
    'timestamp("2024-02-29T12:00:00Z").getDayOfYear() == 59 && timestamp("2024-02-29T12:00:00Z").getDayOfWeek() == 4',
    'timestamp("2024-02-29T23:30:00Z").getHours("+02:00") == 1 && string(timestamp(0)) == "1970-01-01T00:00:00Z"',
    'int("12") == 12 && string(1.0) == "1" && double("1e3") == 1000.0 && uint(3) == 3u && bool("true")',
    'type(1) == int && type([]) == list && type(null) == null_type && type(duration("1s")) == google.protobuf.Duration',
    '"a-b".matches("^[a-z]-") && "abc 123".find("[0-9]+") == "123" && "a1b2".findAll("[0-9]", 1) == ["1"]',
    '"hello".substring(1, 3) == "el" && "a,b,c".split(",", 2) == ["a", "b,c"] && ["a", "b"].join("-") == "a-b"',
    '"aabaabaaab".indexOf("aabaaa") == 3 && "aabaab".indexOf("ab", 2) == 4 && "ab".indexOf("abc") == -1 && "ab".indexOf("b", 2) == -1',
    '"aabaab".lastIndexOf("aab") == 3 && "aabaab".lastIndexOf("aab", 2) == 0 && "aaa".lastIndexOf("aa", 1) == 1',
    '"aaa".lastIndexOf("b") == -1 && "a\\U0001F600a".indexOf("a", 1) == 2 && "a\\U0001F600a".lastIndexOf("\\U0001F600a") == 1',
    '"ab".lastIndexOf("abc") == -1 && "ab".lastIndexOf("b", 0) == -1 && "ab".lastIndexOf("") == 2 && "".indexOf("a") == -1',
    // Each is long, and nearly everywhere in the other.
    'lists.range(40000).map(i, "a").join().indexOf(lists.range(20000).map(i, "a").join() + "b") == -1',
    'lists.range(40000).map(i, "a").join().lastIndexOf("b" + lists.range(20000).map(i, "a").join()) == -1',
    '[lists.range(400).map(i, "a").join() + "b" + lists.range(400).map(i, "a").join()].all(p, ("x" + p + "y" + p).split(p) == ["x", "y", ""])',
    '[lists.range(300).map(i, "ab").join()].all(p, p.contains(p) && !p.contains(p + "a") && (p + "c" + p).replace(p, "z", 1) == "zc" + p)',
    '[lists.range(300).map(i, "ab").join()].all(p, (p + "c" + p).replace(p, "$&") == "$&c$&")',
    '"tacocat".lastIndexOf("ac") == 1 - 0 || "tacocat".lastIndexOf("a") == 5',
    '"aXbX".replace("X", "-", 1) == "a-bX" && "ab".charAt(1) == "b" && " a ".trim() == "a"',
    '"%s is %d: %.2f %x".format(["a", 2, 1.5, 255]) == "a is 2: 1.50 ff"',
    '[3, 1, 2].sort() == [1, 2, 3] && ["bb", "a"].sortBy(s, s.size()) == ["a", "bb"] && [1, 1, 2].distinct() == [1, 2]',
    '[1, 2, 3].sum() == 6 && [1.5, 2.0].max() == 2.0 && ["a", "b"].isSorted() && [[1], [2]].flatten() == [1, 2]',
    'sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])',
    'quantity("1Ki").isGreaterThan(quantity("1k")) && quantity("1.5").add(quantity("500m")) == quantity("2")',
    'ip("::ffff").family() == 6 && string(ip("2001:db8:0:0::1")) == "2001:db8::1" && ip("127.0.0.1").isLoopback()',
    'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsCIDR("0.0.0.0/0") && !isIP("::ffff:1.2.3.4")',
    'url("https://a.b:80/c%20d?x=1&x=2#f").getHost() == "a.b:80" && url("https://[::1]:80/").getHostname() == "::1"',
    'url("https://a/?x=1&x=2").getQuery()["x"] == ["1", "2"] && !isURL("../a")',
    'semver("1.2.3-rc.1").isLessThan(semver("1.2.3")) && semver("v1.2", true).compareTo(semver("1.2.0")) == 0',
    '!format.dns1123Label().validate("ok").hasValue() && format.named("uuid").value().validate("x").hasValue()',
    'optional.none().orValue(1) == 1 && [optional.of(1), optional.none()].unwrapOpt() == [1] && [?optional.of(1)] == [1]',
  ])('%s', (text) => {
    expect(run(text).value).toBe(true)
  })
})

describe('what cannot be evaluated', () => {
  test.each([
    ['object.missing == 1', 'no such key: missing'],
    ['[1][1] == 1', 'index out of bounds: 1'],
    ['1 / (1 - 1) == 1', 'division by zero'],
    ['9223372036854775807 + 1 == 0', 'integer overflow'],
    ['object.name - object.replicas == "a"', 'no such overload'],
    ['optional.none().value() == 1', 'optional.none() dereference'],
    ['int(object.name) == 1', "type conversion error from 'string' to 'int'"],
    ['object.missing == 1 && true', 'no such key: missing'],
  ])('%s: %s', (text, words) => {
    expect(() => run(text)).toThrow(new EvaluationError(words))
  })

  test('fields of the prototype are no fields', () => {
    expect(run('has(object.constructor) || has(object.__proto__)').value).toBe(false)
  })
})

describe('the budget', () => {
  test('every step costs', () => {
    expect(run('object.labels.app == "web"').cost).toBe(4)
    expect(run('[1, 2, 3].all(x, x > 0)').cost).toBe(26)
  })

  test('an expression that costs more is stopped, and nothing makes up for it', () => {
    const nested = 'lists.range(1000).all(a, lists.range(1000).all(b, a >= 0 && b >= 0)) || true'
    expect(() => run(nested)).toThrow(new CostExceeded())
  })

  test('a pattern that other engines never finish is answered', () => {
    expect(run(`"${'a'.repeat(60)}!".matches("^(a+)+$")`).value).toBe(false)
  })
})

describe('others have their turn', () => {
  const turnsOf = (text: string, share: number): number => {
    const steps: Steps<unknown> = evaluateInSteps(
      new Evaluator(compile(text, environment), () => undefined, 1_000_000, new Pace(share)),
    )
    let turns = 1
    while (steps.next().done !== true) turns++
    return turns
  }

  test('between the items of loops, also of loops within loops', () => {
    expect(turnsOf('lists.range(100).all(a, a >= 0)', 0)).toBe(101)
    expect(turnsOf('lists.range(10).all(a, lists.range(10).all(b, a + b >= 0))', 0)).toBe(111)
    expect(turnsOf('lists.range(10).map(a, lists.range(10).filter(b, b > a).size()).sum() == 45', 0)).toBe(111)
  })

  test('as often as their cost is worth it', () => {
    const text = 'lists.range(1000).all(a, a >= 0)'
    const { cost } = run(text)
    expect(turnsOf(text, cost)).toBe(1)
    const turns = turnsOf(text, cost / 10)
    expect(turns).toBeGreaterThanOrEqual(10)
    expect(turns).toBeLessThanOrEqual(11)
  })

  test('also when loops fail, are bound to names, or fail where they are bound', () => {
    for (const text of [
      '[1, 0, 2].exists(x, [1, 2].exists(y, y / x == 2)) || [0].all(x, 1 / x == 1) || true',
      'optional.of([1, 2, 3]).optMap(l, l.map(x, x * 2)).optMap(l, l.all(y, y in l) && l.size() == 3).value()',
      'optional.of(0).optMap(z, [0, 1].map(x, 1 / x)).optMap(f, [1, 2, 3].exists(y, f == [y]) || f == []).hasValue() || true',
      'optional.of(1).optMap(o, optional.of(o).optMap(f, [0].map(x, 1 / x)).optMap(f, f == [1])).hasValue() || true',
      '[1, 2].all(i, optional.of([1, 2].map(x, x * i)).optMap(l, l.exists(y, y == i)).value())',
      '[[1, 2], [3]].all(l, l.map(x, x) == l) && {"a": 1, "b": 2}.all(k, v, [k].exists(n, n == k) && v > 0)',
      '[1, 2, 3].map(x, x > 1, [x].map(y, y * x)) == [[4], [9]] ? [1].exists(x, x == 1) : false',
    ])
      run(text)
    expect(() => run('[1, 0].map(x, 2 / x) == [2]')).toThrow(new EvaluationError('division by zero'))
    expect(() => run('[1, 2, 3].all(x, [1, 2, 3].all(y, y > 0))', 50)).toThrow(new CostExceeded())
  })
})
