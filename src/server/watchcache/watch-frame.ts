/** One event as watchers get it, encoded at most once per form for all of them. */

import type { KubeObject } from '../../meta/types.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { StoredObject } from '../registry/stored-object.ts'

export type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

export class WatchFrame {
  readonly type: FrameType
  readonly object: StoredObject
  readonly revision: number
  #forms: Map<string, Buffer> | undefined
  #json: Buffer | undefined

  constructor(type: FrameType, object: StoredObject, revision = object.revision) {
    this.type = type
    this.object = object
    this.revision = revision
  }

  /** The line of a JSON watch. */
  jsonLine(): Buffer {
    return (this.#json ??= Buffer.concat([HEAD[this.type], this.object.json(), TAIL]))
  }

  /** Any other form, made once. */
  derived(form: string, make: () => Buffer): Buffer {
    const known = this.#forms?.get(form)
    if (known !== undefined) return known
    const made = make()
    this.#forms ??= new Map()
    this.#forms.set(form, made)
    return made
  }
}

const HEAD: Readonly<Record<FrameType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
}
const TAIL = Buffer.from('}\n')

const INITIAL_END = 'k8s.io/initial-events-end'

/** Whether a frame says that the initial events of a watch are all told. */
export const isInitialEnd = ({ type, object }: WatchFrame): boolean =>
  type === 'BOOKMARK' && object.object.metadata.annotations?.[INITIAL_END] === 'true'

/** Tells a watch that it has everything up to `revision`, and at the end of the initial events, that these are all told. */
export function bookmarkFrame(resource: ServedResource, revision: number, isInitialEnd = false): WatchFrame {
  const metadata = {
    resourceVersion: String(revision),
    ...(isInitialEnd ? { annotations: { [INITIAL_END]: 'true' } } : {}),
  }
  const object = { apiVersion: resource.apiVersion, kind: resource.kind, metadata }
  return new WatchFrame('BOOKMARK', new StoredObject(object as unknown as KubeObject, revision), revision)
}
