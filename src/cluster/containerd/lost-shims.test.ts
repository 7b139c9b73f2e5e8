import { describe, expect, test } from 'vitest'

import type { RuntimeService } from '../../kubelet/cri/runtime.ts'
import { Suspects } from './lost-shims.ts'
import { SandboxStarts } from './sandbox-starts.ts'

const shim = { pid: 7, startTicks: '100', bootId: 'b' }
const none: ReadonlySet<object> = new Set()

describe('a shim that containerd does not list', () => {
  test('is lost when it is found again', () => {
    const suspects = new Suspects()
    expect(suspects.isLost(shim, none)).toBe(false)
    suspects.note([shim], none)
    expect(suspects.isLost(shim, none)).toBe(true)
    expect(suspects.isLost({ ...shim, startTicks: '200' }, none)).toBe(false)
  })

  test('is not lost as long as a start goes on that it may belong to, however long that takes', () => {
    const suspects = new Suspects()
    const [its, later] = [{}, {}]
    suspects.note([shim], new Set([its]))
    suspects.note([shim], new Set([its, later]))
    expect(suspects.isLost(shim, new Set([its, later]))).toBe(false)
    expect(suspects.isLost(shim, new Set([later]))).toBe(true)
  })

  test('is forgotten when containerd lists it', () => {
    const suspects = new Suspects()
    suspects.note([shim], none)
    suspects.note([], none)
    expect(suspects.isLost(shim, none)).toBe(false)
  })
})

test('a start is under way until the runtime has answered, or refused', async () => {
  let answer = (_id: string) => {}
  const answers = [new Promise<string>((resolve) => (answer = resolve)), Promise.reject(new Error('no'))].values()
  const runPodSandbox: RuntimeService['runPodSandbox'] = () => answers.next().value ?? Promise.resolve('')
  const starts = new SandboxStarts()
  const runtime = starts.seen({ runPodSandbox } as Partial<RuntimeService> as RuntimeService)
  const start = () => runtime.runPodSandbox({} as never, '', new AbortController().signal)
  const first = start()
  const [token] = starts.underWay()
  const second = start()
  expect(starts.underWay().size).toBe(2)
  await expect(second).rejects.toThrow('no')
  expect([...starts.underWay()]).toEqual([token])
  answer('id')
  expect(await first).toBe('id')
  expect(starts.underWay().size).toBe(0)
})
