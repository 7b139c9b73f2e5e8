import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { hasSeLinux, sharedFileLabel } from './selinux.ts'

const folder = mkdtempSync(join(tmpdir(), 'gorae-selinux-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A machine whose kernel takes any label, or none. */
function machine(own: string, takes: 'all' | 'none') {
  const root = mkdtempSync(join(folder, 'machine-'))
  writeFileSync(join(root, 'enforce'), '1')
  writeFileSync(join(root, 'current'), own)
  if (takes === 'none') mkdirSync(join(root, 'context'))
  return { kernel: root, own: join(root, 'current'), configuration: join(root, 'etc') }
}

const LABEL = 'system_u:system_r:init_t:s0\0'

test.each([
  ['in force, and its policy knows containers', machine(LABEL, 'all'), true],
  ['in force, and its policy knows no containers', machine(LABEL, 'none'), false],
  ['in the kernel, and no policy is loaded', machine('kernel\0', 'all'), false],
  ['in the kernel, which labels no processes', machine('', 'all'), false],
  ['not in the kernel', { ...machine(LABEL, 'all'), kernel: join(folder, 'none') }, false],
])('SELinux is %s', (_, places, expected) => {
  expect(hasSeLinux(places)).toBe(expected)
})

test.each([
  [
    'the policy names them',
    'ro_file = "u:object_r:ro_t:s0"\nfile = "u:object_r:svirt_file_t:s0"\nprocess = "u:r:svirt_lxc_net_t:s0"\n',
    'svirt_file_t',
  ],
  ['it names none', 'sandbox_kvm_process = "u:r:other_t:s0"\n', 'container_file_t'],
])('the labels of containers are asked for as %s', (_, contexts, type) => {
  const places = machine(LABEL, 'all')
  mkdirSync(join(places.configuration, 'mine/contexts'), { recursive: true })
  writeFileSync(join(places.configuration, 'config'), 'SELINUX=enforcing\nSELINUXTYPE=mine\n')
  writeFileSync(join(places.configuration, 'mine/contexts/lxc_contexts'), contexts)
  expect(hasSeLinux(places)).toBe(true)
  expect(readFileSync(join(places.kernel, 'context'), 'utf8')).toContain(`:${type}:s0`)
  expect(sharedFileLabel(places)).toContain(`:object_r:${type}:s0`)
})

test('files have no label where SELinux is not in force', () => {
  expect(sharedFileLabel(machine('', 'all'))).toBeUndefined()
})
