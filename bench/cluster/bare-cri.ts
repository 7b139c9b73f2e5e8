/** Pods of one container by bare CRI calls, as cheap as it gets on this machine. */

import { mkdtempSync, rmSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { connectContainerd } from '../../src/kubelet/cri/containerd/runtime.ts'

const NAMESPACES = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } as const

/** Milliseconds from the first call to the container's start. What was made is removed, outside the measure. */
export async function bareCriPod(socketPath: string, name: string, image: string): Promise<number> {
  const pod = await startPod(socketPath, name, image)
  await pod.remove()
  return pod.tookMs
}

/** Milliseconds until that many run, all asked for at once. */
export async function bareCriPods(socketPath: string, count: number, image: string): Promise<number> {
  const begin = performance.now()
  const pods = await Promise.all(Array.from({ length: count }, (_, at) => startPod(socketPath, `bare-${at}`, image)))
  const tookMs = performance.now() - begin
  await Promise.all(pods.map((pod) => pod.remove()))
  return tookMs
}

/** Waits until the runtime has nothing left to remove: that would be measured with what comes next. */
export async function untilEmpty(socketPath: string): Promise<void> {
  const containerd = connectContainerd({ socketPath, clock: systemClock })
  const { signal } = new AbortController()
  while ((await containerd.runtime.listPodSandboxes({}, signal)).length > 0) await systemClock.sleep(200, signal)
  containerd.close()
}

async function startPod(socketPath: string, name: string, image: string) {
  const { signal } = new AbortController()
  const containerd = connectContainerd({ socketPath, clock: systemClock })
  const { runtime } = containerd
  const plain = { labels: {}, annotations: {} }
  const config = {
    ...plain,
    metadata: { name, uid: name, namespace: 'bench', attempt: 0 },
    hostname: name,
    logDirectory: mkdtempSync('/tmp/gorae-bench-logs-'),
    linux: { cgroupParent: '', securityContext: { namespaceOptions: NAMESPACES } },
  }
  const begin = performance.now()
  const sandbox = await runtime.runPodSandbox(config, '', signal)
  const container = await runtime.createContainer(
    { id: sandbox, config },
    {
      ...plain,
      metadata: { name: 'c', attempt: 0 },
      image: { image },
      command: ['sleep', '3600'],
      envs: [],
      mounts: [],
      logPath: 'c.log',
      linux: { resources: {}, securityContext: { namespaceOptions: NAMESPACES } },
    },
    signal,
  )
  await runtime.startContainer(container, signal)
  return {
    tookMs: performance.now() - begin,
    async remove(): Promise<void> {
      await runtime.stopPodSandbox(sandbox, signal)
      await runtime.removePodSandbox(sandbox, signal)
      containerd.close()
      rmSync(config.logDirectory, { recursive: true, force: true })
    },
  }
}
