import { expect, test } from 'vitest'

import { decreaseFault } from './memory-decrease.ts'

const none = new Map<string, number>()
test.each<
  [
    what: string,
    limits: [pod: number | undefined, app: number | undefined],
    used: [number | 'unknown', number | 'unknown'],
    fault: string | undefined,
  ]
>([
  ['above what is in use', [200, 150], [100, 100], undefined],
  ['that stay', [undefined, undefined], [100, 100], undefined],
  [
    'below what the Pod uses',
    [100, undefined],
    [100, 50],
    'cannot decrease memory limits: attempting to set pod memory limit (100) below current usage (100)',
  ],
  [
    'below what both use',
    [90, 80],
    [100, 90],
    'cannot decrease memory limits: [attempting to set pod memory limit (90) below current usage (100), attempting to set container "app" memory limit (80) below current usage (90)]',
  ],
  [
    'of who cannot be measured',
    [undefined, 80],
    [100, 'unknown'],
    'cannot decrease memory limits: missing container "app" memory usage',
  ],
  [
    'of a Pod that cannot be measured',
    [80, undefined],
    ['unknown', 1],
    'cannot decrease memory limits: missing pod memory usage',
  ],
])('limits %s', (_, [pod, app], [podUse, appUse], fault) => {
  const limits = { pod, containers: app === undefined ? none : new Map([['app', app]]) }
  expect(decreaseFault(limits, { pod: podUse, containers: new Map([['app', appUse]]) })).toBe(fault)
})
