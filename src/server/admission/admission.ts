/**
 * Admission: what may be said about a write after it is authorized and read, and before it is stored. Mutating
 * plug-ins run first, in order, then the object is completed and validated, then validating plug-ins run
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/).
 */

import type { WriteOptions } from '../../client/transport.ts'
import type { UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { DeleteOptions, KubeObject } from '../../meta/types.ts'
import type { Annotate } from '../audit/audit.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { type ExtraWrites, joinWrites } from '../registry/storage-hooks.ts'

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** How the object of a subresource is seen: a Scale stands for a part of what is stored. */
export interface ObjectLens {
  readonly show: (object: DeepReadonly<KubeObject>) => KubeObject
  /** Writes what is shown into what is stored. */
  readonly put: (shown: KubeObject, object: KubeObject) => void
}

/** One write as plug-ins see it. */
export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly operation: AdmissionOperation
  /** The resource that is stored. */
  readonly resource: ServedResource
  /** The resource as the request names it, where that is another version of it. */
  readonly requested?: ServedResource
  /** Empty: the object itself. */
  readonly subresource: string
  readonly namespace: string
  /** Empty when it is yet to be generated. */
  readonly name: string
  /** Of a create: the name in the path; empty when only the object says it. */
  readonly pathName?: string
  readonly user: UserInfo
  /** What will be written; absent for DELETE. Mutating plug-ins change it in place. */
  readonly object?: T
  /** What is there; absent for CREATE. */
  readonly old?: DeepReadonly<T>
  readonly deleteOptions?: DeleteOptions
  /** Of a create or update. */
  readonly options?: WriteOptions
  /** Absent: objects are seen as they are. */
  readonly lens?: ObjectLens | undefined
  readonly isDryRun: boolean
  /** An update that is told as a patch. */
  readonly isPatch?: boolean | undefined
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void
  /** Adds to the request's record in the audit log; absent: there is none. */
  readonly annotate?: Annotate | undefined
}

/** The name of what is written, where the path does not say it that of the object. */
export const ownName = ({ name, object }: AdmissionRequest): string =>
  name === '' ? (object?.metadata.name ?? '') : name

/** One request's way through the mutating plug-ins; there is a second turn where one of them asks for it. */
export class MutationPass {
  #isSecond = false
  #isAskedFor = false

  get isSecond(): boolean {
    return this.#isSecond
  }

  /** Others must see what changed. */
  askForSecond(): void {
    this.#isAskedFor = true
  }

  /** Goes on to the second turn; `false`: nobody needs it, or this was it. */
  next(): boolean {
    const goesOn = this.#isAskedFor && !this.#isSecond
    this.#isSecond = true
    return goesOn
  }
}

/** A rule about writes. Refusing is throwing an ApiError. */
export interface AdmissionPlugin {
  readonly name: string
  /** May be called twice for one request. */
  readonly mutate?: (request: AdmissionRequest, pass: MutationPass) => void | Promise<void>
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>
  /** What is written along with the final object, in one transaction. Called again when that lost a race. */
  readonly claim?: (request: AdmissionRequest) => ExtraWrites | undefined
}

/** All plug-ins in order. */
export interface AdmissionChain {
  mutate(request: AdmissionRequest): Promise<void>
  validate(request: AdmissionRequest): Promise<void>
  claim(request: AdmissionRequest): ExtraWrites | undefined
}

/** The two steps of admission, by their names in metrics. */
export type AdmissionStep = 'admit' | 'validate'

/** Is told when a step of admission begins, of each plug-in that had its turn, and of the step's end. */
export interface AdmissionWatch {
  begin(operation: AdmissionOperation, step: AdmissionStep): StepWatch
}

export interface StepWatch {
  /** A plug-in is done, and refused or not. */
  had(name: string, isRejected: boolean): void
  ended(isRejected: boolean): void
}

export function admissionChain(plugins: readonly AdmissionPlugin[], watch?: AdmissionWatch): AdmissionChain {
  const mutating = plugins.flatMap(({ name, mutate }) => (mutate === undefined ? [] : [{ name, mutate }]))
  const validating = plugins.flatMap(({ name, validate }) => (validate === undefined ? [] : [{ name, validate }]))
  const claiming = plugins.flatMap(({ claim }) => (claim === undefined ? [] : [claim]))
  return {
    claim: (request) => joinWrites(claiming.map((claim) => claim(request))),
    async mutate(request) {
      const pass = new MutationPass()
      const step = watch?.begin(request.operation, 'admit')
      let current = ''
      try {
        do {
          for (const { name, mutate } of mutating) {
            current = name
            const running = mutate(request, pass)
            // oxlint-disable-next-line no-await-in-loop -- each sees what those before it did
            if (running !== undefined) await running
            step?.had(name, false)
          }
        } while (pass.next())
      } catch (error) {
        step?.had(current, true)
        step?.ended(true)
        throw error
      }
      step?.ended(false)
    },
    async validate(request) {
      const step = watch?.begin(request.operation, 'validate')
      let current = ''
      try {
        for (const { name, validate } of validating) {
          current = name
          const running = validate(request)
          // oxlint-disable-next-line no-await-in-loop -- the first refusal is the answer
          if (running !== undefined) await running
          step?.had(name, false)
        }
      } catch (error) {
        step?.had(current, true)
        step?.ended(true)
        throw error
      }
      step?.ended(false)
    },
  }
}
