/** Sandboxes that the runtime is being asked to start: what belongs to them is there before the runtime tells of it. */

import type { RuntimeService } from '../../kubelet/cri/runtime.ts'

export class SandboxStarts {
  readonly #underWay = new Set<object>()

  /** Something for each, which stays the same as long as it goes on. */
  underWay(): ReadonlySet<object> {
    return new Set(this.#underWay)
  }

  /** The runtime, whose starts are seen here. */
  seen(runtime: RuntimeService): RuntimeService {
    return {
      ...runtime,
      runPodSandbox: async (...asked) => {
        const start = {}
        this.#underWay.add(start)
        try {
          return await runtime.runPodSandbox(...asked)
        } finally {
          this.#underWay.delete(start)
        }
      },
    }
  }
}
