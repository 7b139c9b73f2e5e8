/** Commands in containers, and the places where their streams are served. */

import { text } from '../../grpc/read.ts'
import type { RuntimeService } from '../runtime.ts'
import { type Call, CALL_TIMEOUT_MS, NO_LIMIT } from './calls.ts'

export type Streams = Pick<RuntimeService, 'execSync' | 'exec' | 'attach' | 'portForward'>

export const streamsOver = (call: Call): Streams => ({
  async execSync(containerId, cmd, timeoutSeconds, signal) {
    const timeoutMs = timeoutSeconds === 0 ? NO_LIMIT : CALL_TIMEOUT_MS + timeoutSeconds * 1000
    const request = { containerId, cmd, timeout: timeoutSeconds }
    const answer = await call(['ExecSync', 'ExecSyncRequest', 'ExecSyncResponse'], request, signal, timeoutMs)
    return {
      stdout: answer['stdout'] as Uint8Array,
      stderr: answer['stderr'] as Uint8Array,
      exitCode: Number(answer['exitCode']),
    }
  },
  async exec(containerId, cmd, streams, signal) {
    const answer = await call(['Exec', 'ExecRequest', 'StreamResponse'], { containerId, cmd, ...streams }, signal)
    return text(answer['url'])
  },
  async attach(containerId, streams, signal) {
    const answer = await call(['Attach', 'AttachRequest', 'StreamResponse'], { containerId, ...streams }, signal)
    return text(answer['url'])
  },
  async portForward(podSandboxId, signal) {
    const answer = await call(['PortForward', 'PortForwardRequest', 'StreamResponse'], { podSandboxId }, signal)
    return text(answer['url'])
  },
})
