/**
 * What a kind means: its defaults, its validation, what an update may change, what a table shows. One folder a kind
 * holds one of these; the generic verbs do the rest. Names, verbs and field shapes are facts and come from
 * `generated/`; custom resources bring their own.
 */

import type { Steps } from '../base/async/steps.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../meta/field-path.ts'
import type { KubeObject } from '../meta/types.ts'

/**
 * A function of objects of one kind. Definitions of all kinds stand in one list and the generic verbs give each the
 * objects of its own kind, so these types allow a narrower parameter than a caller knows of.
 */
type Of<Args extends readonly unknown[], Result> = { call(...args: Args): Result }['call']

/** One cell of a table. Numbers stay numbers, for `kubectl get` sorts by them. */
export type Cell = string | number | boolean | null | undefined

/** A column as `kubectl get` prints it. */
export interface Column<T> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  /** Shown by `-o wide` only. */
  readonly wide?: boolean
  /** A cell that no column tells of, after all others. */
  readonly isUntitled?: boolean
  /** `now` is milliseconds since the epoch, for ages. */
  readonly cell: Of<[object: DeepReadonly<T>, now: number], Cell>
}

/** What users say in an object's metadata besides its name. */
export type MetadataOfUsers = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences'

/** The meaning of one kind. Every function is pure, but that those with a `draft` change the draft. */
export interface KindMeaning<T extends KubeObject> {
  /** Fills in what was left out. Idempotent; runs on every object that comes in. `now` is milliseconds since the epoch. */
  readonly setDefaults?: Of<[draft: T, now: number], void>
  /**
   * Clears what a creator may not set (status), computes what the server sets. Runs after defaults and after mutating
   * admission, before validation: admission sees the object as its writer sent it.
   */
  readonly prepareForCreate?: Of<[draft: T], void>
  /**
   * Takes away fields of features that are not served, or no more; `old` where it is an update. Whoever sent them is told of
   * as their owner all the same.
   */
  readonly dropDisabledFields?: Of<[draft: T, old?: DeepReadonly<T>], void>
  /** What a new object gets by being stored and read again, after it was judged. */
  readonly beforeStore?: Of<[draft: T], void>
  /** Keeps as it was what an ordinary update may not touch (status). */
  readonly prepareForUpdate?: Of<[draft: T, old: DeepReadonly<T>], void>
  /** What of the metadata a status update leaves as it was, so that its writer owns none of it; absent: nothing. */
  readonly keptByStatus?: 'metadata' | readonly MetadataOfUsers[]
  /**
   * By subresource, '' for the object itself: what a write there never changes, as names from the top, so that its writer
   * owns none of it. Absent: an object's `status`, a status's `spec` and what it keeps.
   */
  readonly resetFields?: Readonly<Record<string, readonly (readonly string[])[]>>
  /** For the status subresource; absent: everything but the metadata and `status` is kept as it was. */
  readonly prepareForStatusUpdate?: Of<[draft: T, old: DeepReadonly<T>, now: number], void>
  /** Every fault, in field order. Metadata is validated generically, but for `validateName`. */
  readonly validate?: Of<[object: DeepReadonly<T>, root: FieldPath], readonly FieldError[]>
  /** The same as `validate`, for a large object of a kind of which each item takes long. */
  readonly validateInSteps?: Of<[object: DeepReadonly<T>, root: FieldPath], Steps<readonly FieldError[]>>
  readonly validateUpdate?: Of<[object: DeepReadonly<T>, old: DeepReadonly<T>, root: FieldPath], readonly FieldError[]>
  /** Of an update: what is wrong with the object as a whole, where that is told before what is wrong with the change. */
  readonly validateWhole?: Of<[object: DeepReadonly<T>, old: DeepReadonly<T>, root: FieldPath], readonly FieldError[]>
  readonly validateStatusUpdate?: Of<
    [object: DeepReadonly<T>, old: DeepReadonly<T>, root: FieldPath],
    readonly FieldError[]
  >
  /** Whether a status update's metadata is looked at for the kind as well. True unless said otherwise. */
  readonly judgesStatusMetadata?: boolean
  /** The rule for metadata.name; absent: a DNS subdomain. Returns what is wrong, in Kubernetes's words. */
  readonly validateName?: (name: string, isPrefix: boolean) => readonly string[]
  /** Warning header texts for a create (`old` absent) or update. */
  readonly warnings?: Of<[object: DeepReadonly<T>, old?: DeepReadonly<T>], readonly string[]>
  /** The same for a create, told before anything is prepared: whether or not it is refused. */
  readonly earlyWarnings?: Of<[object: DeepReadonly<T>], readonly string[]>
  /** The same for an update of the status. */
  readonly statusWarnings?: Of<[object: DeepReadonly<T>], readonly string[]>
  readonly columns?: readonly Column<T>[]
  /** What a table's row says of its object besides the cells; absent: nothing. */
  readonly rowConditions?: Of<[object: DeepReadonly<T>], readonly object[] | undefined>
  /** Told with every request where the kind is on its way out. */
  readonly deprecation?: string
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, Of<[object: DeepReadonly<T>], string>>>
  /** PUT to a name that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean
  /** An apply to the status of what does not exist creates it. */
  readonly allowCreateByStatus?: boolean
  /** PUT without a resourceVersion overwrites whatever is there. True unless said otherwise. */
  readonly allowUnconditionalUpdate?: boolean
  /** Whether metadata.generation counts changes of everything but metadata and status. True where the kind has a spec. `created`: it stays 1. */
  readonly countsGeneration?: boolean | 'created'
  /** Whether annotations count as well: controllers copy a Deployment's to what they make. */
  readonly countsAnnotations?: boolean
  /** The same of labels, and of fields that are then taken away. */
  readonly countsLabelsAndDropped?: boolean
  /** Whether empty lists and maps that an update gives count as a change each time. */
  readonly countsLeftOut?: boolean
  /** Seconds a deletion waits for by default; absent: it is immediate. Called with the options' own wish, if any. */
  readonly gracefulDelete?: Of<[object: DeepReadonly<T>, asked: number | undefined], number>
  /** What happens to dependents when no propagation policy is given; absent: Background. */
  readonly defaultPropagation?: 'Background' | 'Orphan'
  /** The `scale` subresource: where it reads and writes. */
  readonly scale?: ScaleMapping<T>
}

export interface ScaleMapping<T> {
  readonly replicas: Of<[object: DeepReadonly<T>], number>
  readonly currentReplicas: Of<[object: DeepReadonly<T>], number>
  /** The selector as text. */
  readonly selector: Of<[object: DeepReadonly<T>], string>
  readonly setReplicas: Of<[draft: T, replicas: number], void>
}

/** A kind with its facts key, e.g. `apps/v1/deployments` or `v1/pods`. */
export interface ResourceDefinition<T extends KubeObject = KubeObject> extends KindMeaning<T> {
  readonly key: string
}

/**
 * Ties a meaning to its facts; the key is checked against the facts when the catalog is built. The kind's own type is
 * forgotten here: definitions of all kinds stand in one list, and the generic verbs give each its own objects.
 */
export function defineResource<T extends KubeObject>(key: string, meaning: KindMeaning<T>): ResourceDefinition {
  return { key, ...meaning } as unknown as ResourceDefinition
}
