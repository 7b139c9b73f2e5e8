import { expect, test } from 'vitest'

import { logOptions } from './log-options.ts'

test.each([
  { asked: 'follow=true&previous=1&timestamps=', told: 'follow=true&previous=true&timestamps=true' },
  { asked: 'follow=false&previous=0', told: '' },
  { asked: 'previous=maybe', told: 'previous=true' },
  {
    asked: 'tailLines=3&sinceTime=2026-01-01T00:00:00Z&other=1',
    told: 'sinceTime=2026-01-01T00%3A00%3A00Z&tailLines=3',
  },
])('who asks for $asked has the kubelet asked for $told', ({ asked, told }) => {
  expect(logOptions('p', new URLSearchParams(asked)).toString()).toBe(told)
})
