/** What people do with Helm, for the Helms that `HELM` names: a chart with a hook, a test and a Deployment through its life. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

import type { Machine } from '../machine.ts'

const CHART: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\nkubeVersion: ">=1.24.0-0"\n',
  'values.yaml': 'colour: red\nreplicas: 1\nwhere: {}\n',
  'templates/NOTES.txt':
    'Revision {{ .Release.Revision }}, Deployments: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }}\n',
  'templates/hook.yaml': `
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: ["true"]}]}}
`,
  'templates/test.yaml': `
apiVersion: v1
kind: Pod
metadata: {name: check, annotations: {helm.sh/hook: test}}
spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: ["true"]}]}
`,
  'templates/web.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: {{ .Values.colour | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {colour: {{ .Values.colour | quote }}}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {{ .Values.where | toJson }}
      containers: [{name: c, image: busybox, command: [sleep, "3600"]}]
`,
}

/** A release of the chart from its installation to its end. */
export function testHelm(program: string, machine: () => Machine): void {
  test(`${basename(program)} installs, upgrades, rolls back, tests and uninstalls`, async () => {
    const chart = join(machine().folder, 'chart')
    for (const [name, text] of Object.entries(CHART)) {
      mkdirSync(join(chart, name, '..'), { recursive: true })
      writeFileSync(join(chart, name), text)
    }
    const space = ['--namespace', `${basename(program)}-shop`]
    const helm = async (...args: string[]) => (await machine().run(program, [...args, ...space])).stdout
    const waits = ['--wait', '--timeout', '60s']
    const history = async () => {
      const entries = JSON.parse(await helm('history', 'shop', '-o', 'json')) as { status: string }[]
      return entries.map(({ status }) => status)
    }
    const colour = async () =>
      (await machine().kubectl(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.colour}', ...space])).stdout

    expect(await helm('install', 'shop', chart, '--create-namespace', ...waits)).toContain(
      'Revision 1, Deployments: true',
    )
    expect(await helm('upgrade', 'shop', chart, '--dry-run=server', '--set', 'colour=grey')).toContain('colour: "grey"')
    await helm('upgrade', 'shop', chart, '--set', 'colour=green', ...waits)
    expect(await colour()).toBe('green')
    const stuck = [
      'upgrade',
      'shop',
      chart,
      '--set',
      'colour=blue,where.no=node',
      '--wait',
      '--timeout',
      '2s',
      ...space,
    ]
    expect((await machine().run(program, stuck, { mayFail: true })).code).not.toBe(0)
    await helm('rollback', 'shop', '1', ...waits)
    expect(await colour()).toBe('red')
    expect(await history()).toEqual(['superseded', 'superseded', 'failed', 'deployed'])
    expect(await helm('test', 'shop')).toMatch(/Phase: +Succeeded/)
    await helm('uninstall', 'shop', ...waits)
    expect(await helm('list', '-o', 'json')).toBe('[]\n')
    await machine().kubectl(['delete', 'namespace', `${basename(program)}-shop`, '--wait=false'])
  })
}
