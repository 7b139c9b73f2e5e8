import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { metricsText } from '../../base/metrics/text.ts'
import { builtinResources } from '../registry/served-resource.ts'
import { catalog } from '../../api/catalog.ts'
import { userOf } from '../../client/user.ts'
import { admissionChain, type AdmissionRequest } from './admission.ts'
import { AdmissionMetrics } from './admission-metrics.ts'

const request: AdmissionRequest = {
  operation: 'CREATE',
  resource: builtinResources(catalog).need('v1/configmaps'),
  subresource: '',
  namespace: 'a',
  name: 'b',
  user: userOf('me'),
  isDryRun: false,
  warn: () => {},
}

test('each plug-in is told the time of its own turns, and whether it refused', async () => {
  const clock = new ManualClock()
  const metrics = new AdmissionMetrics()
  const slow = { name: 'Slow', mutate: () => clock.advance(700) }
  const quick = { name: 'Quick', mutate: () => {}, validate: () => {} }
  const refusing = {
    name: 'Refusing',
    validate: () => {
      throw new Error('no')
    },
  }
  const chain = admissionChain([slow, quick, refusing], metrics.watch(clock))
  await chain.mutate(request)
  await expect(chain.validate(request)).rejects.toThrow('no')
  const text = metricsText(metrics.families)
  const turn = (name: string, isRejected: boolean, type: string) =>
    `apiserver_admission_controller_admission_duration_seconds_sum{name="${name}",operation="CREATE",rejected="${isRejected}",type="${type}"}`
  expect(text).toContain(`${turn('Slow', false, 'admit')} 0.7\n`)
  expect(text).toContain(`${turn('Quick', false, 'admit')} 0\n`)
  expect(text).toContain(`${turn('Quick', false, 'validate')} 0\n`)
  expect(text).toContain(`${turn('Refusing', true, 'validate')} 0\n`)
  const step = (isRejected: boolean, type: string) =>
    `apiserver_admission_step_admission_duration_seconds_sum{operation="CREATE",rejected="${isRejected}",type="${type}"}`
  expect(text).toContain(`${step(false, 'admit')} 0.7\n`)
  expect(text).toContain(`${step(true, 'validate')} 0\n`)
})
