/**
 * Pods of one template are alike but for their names, and that of the volume for their token. A spec that had no fault
 * and nothing to warn of is remembered: the next one like it need not be judged, is made of the same parts, which are
 * then in memory once, and is not written again.
 */

import { deepFreeze, draftOf, type DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type KnownText, knownText, rememberText, textOf } from '../../../../wire/json/known-text.ts'
import { toJson } from '../../../../wire/json/stringify.ts'
import { asGiven, lacksGiven } from '../../../../wire/json/nil.ts'
import type { Container, Pod, PodSpec } from '../../../generated/core-v1.ts'

/** What begins the name of the volume that every Pod gets for its token; chance gives the rest. */
export const TOKEN_VOLUME_PREFIX = 'kube-api-access-'
const TOKEN_VOLUME = new RegExp(`^${TOKEN_VOLUME_PREFIX}[0-9a-z]{5}$`)

/** So many outlines are remembered, with so many templates each, of so many characters at most. */
const MAX_OUTLINES = 32
const MAX_OF_OUTLINE = 4
const MAX_TEXT = 8_000

/** Those that were not met for longest come first. */
const byOutline = new Map<string, readonly Template[]>()
/** The outline that was met last, which is the last of them. */
let last = ''

/** Whether a Pod like this one was found to be without fault or warning. */
export function isLikeFine(pod: DeepReadonly<Pod>): boolean {
  const { metadata, spec } = pod
  const known = knownText(spec)
  if (known instanceof TemplateText && known.template.hasThese(metadata.annotations)) return true
  return spec !== undefined && templateOf(pod, tokenOf(spec)) !== undefined
}

/** Remembers that such a Pod has no fault and nothing to warn of, unless its name matters as well, or it is too long to keep. */
export function rememberFine({ metadata: { annotations }, spec }: DeepReadonly<Pod>): void {
  // The claims of such volumes are called after the Pod.
  if (spec === undefined || spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined)) return
  const text = toJson(spec)
  if (text.length + toJson(annotations ?? null).length > MAX_TEXT) return
  const made = new Template(draftOf<PodSpec>(spec), text, annotations && { ...annotations })
  if (!made.isSound) return
  const outline = outlineOf(spec)
  const others = byOutline.get(outline) ?? []
  byOutline.delete(outline)
  for (const oldest of byOutline.keys()) {
    if (byOutline.size < MAX_OUTLINES) break
    byOutline.delete(oldest)
  }
  last = outline
  byOutline.set(outline, [...others.slice(1 - MAX_OF_OUTLINE), made])
}

/** Lets a Pod like a fine one have the same spec, frozen, or one of the same parts. */
export function shareSpec(pod: Pod): void {
  const { spec } = pod
  const token = spec === undefined ? undefined : tokenOf(spec)
  const template = templateOf(pod, token)
  if (template !== undefined) pod.spec = template.specFor(token) as PodSpec
}

/** Whether this very spec is known to have nothing to warn of. */
export function isQuiet(spec: DeepReadonly<PodSpec> | undefined): boolean {
  return knownText(spec) instanceof TemplateText
}

/** Whether a Pod has in vain what may be wrong with this one alone, however like another it is. */
const isGivenForNothing = (spec: DeepReadonly<PodSpec>): boolean =>
  (lacksGiven(spec) && spec.overhead === undefined && asGiven(spec, 'overhead') !== undefined) ||
  lacksGiven(spec.resources) ||
  spec.ephemeralContainers?.some(lacksGiven) === true

function templateOf(
  { metadata: { annotations }, spec }: DeepReadonly<Pod>,
  token: string | undefined,
): Template | undefined {
  if (spec === undefined || isGivenForNothing(spec)) return undefined
  const outline = outlineOf(spec)
  const templates = byOutline.get(outline)
  const found = templates?.find((template) => template.fits(spec, token, annotations))
  if (templates === undefined || found === undefined) return undefined
  if (last !== outline) {
    byOutline.delete(outline)
    byOutline.set(outline, templates)
    last = outline
  }
  return found
}

/** What is cheap to tell and seldom the same for specs that are not alike. */
function outlineOf({ containers, volumes, nodeName }: DeepReadonly<PodSpec>): string {
  const first = containers?.[0]
  return `${containers?.length} ${volumes?.length} ${first?.name} ${first?.image} ${nodeName}`
}

const tokenOf = ({ volumes }: DeepReadonly<PodSpec>): string | undefined =>
  volumes?.find(({ name }) => TOKEN_VOLUME.test(name))?.name

type Annotations = Readonly<Record<string, string>> | undefined

class Template {
  readonly #spec: DeepReadonly<PodSpec>
  readonly #annotations: Annotations
  readonly #token: string | undefined
  /** Its text around the names of the volume. */
  readonly #pieces: readonly string[]
  /** The same, where names are to be replaced not frozen: to copy what is frozen takes ten times as long. */
  readonly #source: DeepReadonly<PodSpec>

  /** `spec` is its own. */
  constructor(spec: PodSpec, text: string, annotations: Annotations) {
    this.#annotations = annotations
    this.#token = tokenOf(spec)
    this.#pieces = this.#token === undefined ? [text] : text.split(JSON.stringify(this.#token))
    this.#spec = deepFreeze(spec)
    this.#source = this.#token === undefined ? spec : renamed(spec, [this.#token, this.#token], (copy) => copy)
    rememberText(this.#spec, new TemplateText(this, this.#pieces, this.#token))
  }

  /** Whether the name is nowhere but where it is replaced: users may write it elsewhere. */
  get isSound(): boolean {
    const other = this.specFor(`${TOKEN_VOLUME_PREFIX}other`)
    return toJson(other) === textOf(other)
  }

  hasThese(annotations: Annotations): boolean {
    return isAlike(annotations, this.#annotations)
  }

  fits(spec: DeepReadonly<PodSpec>, token: string | undefined, annotations: Annotations): boolean {
    return this.hasThese(annotations) && isAlike(spec, this.#spec, token, this.#token)
  }

  /** The spec for a volume of this name. */
  specFor(token: string | undefined): DeepReadonly<PodSpec> {
    if (token === undefined || this.#token === undefined || token === this.#token) return this.#spec
    const spec = renamed(this.#source, [this.#token, token], Object.freeze)
    rememberText(spec, new TemplateText(this, this.#pieces, token))
    return spec
  }
}

class TemplateText implements KnownText {
  readonly length: number
  readonly template: Template
  readonly #pieces: readonly string[]
  readonly #token: string | undefined

  constructor(template: Template, pieces: readonly string[], token: string | undefined) {
    this.template = template
    this.#pieces = pieces
    this.#token = token
    const names = pieces.length - 1
    this.length = pieces.reduce((sum, piece) => sum + piece.length, names * ((token?.length ?? 0) + 2))
  }

  toString(): string {
    return this.#pieces.join(`"${this.#token}"`)
  }
}

/** Whether two values are the same, where `token` in the one stands for `otherToken` in the other. */
function isAlike(value: unknown, other: unknown, token?: string, otherToken?: string): boolean {
  if (typeof value === 'string') {
    const isToken = value === token
    return isToken === (other === otherToken) && (isToken || value === other)
  }
  if (typeof value !== 'object' || typeof other !== 'object' || value === null || other === null) return value === other
  if (Array.isArray(value) || Array.isArray(other)) {
    if (!Array.isArray(value) || !Array.isArray(other) || value.length !== other.length) return false
    for (let at = 0; at < value.length; at++) if (!isAlike(value[at], other[at], token, otherToken)) return false
    return true
  }
  let members = 0
  for (const key in value) {
    if (!Object.hasOwn(other, key)) return false
    if (!isAlike((value as Members)[key], (other as Members)[key], token, otherToken)) return false
    members++
  }
  for (const _ in other) members--
  return members === 0
}

type Members = Record<string, unknown>

/**
 * A copy in which a volume and its mounts have another name. What has nothing of it is shared. Copies made by spreading
 * would each take a shape of their own when they are frozen, more memory than what is in them.
 */
function renamed(
  spec: DeepReadonly<PodSpec>,
  [from, to]: readonly [from: string, to: string],
  seal: <T>(copy: T) => Readonly<T>,
): DeepReadonly<PodSpec> {
  const named = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] =>
    seal(list.map((one) => (one.name === from ? seal(Object.assign({}, one, { name: to })) : one)))
  const mounting = (containers: DeepReadonly<readonly Container[]>) =>
    seal(
      containers.map((container) => {
        const { volumeMounts } = container
        if (volumeMounts?.some(({ name }) => name === from) !== true) return container
        return seal(Object.assign({}, container, { volumeMounts: named(volumeMounts) }))
      }),
    )
  const copy: { -readonly [Key in keyof DeepReadonly<PodSpec>]: DeepReadonly<PodSpec>[Key] } = Object.assign({}, spec)
  copy.containers = mounting(spec.containers)
  if (spec.initContainers !== undefined) copy.initContainers = mounting(spec.initContainers)
  if (spec.volumes !== undefined) copy.volumes = named(spec.volumes)
  return seal(copy)
}
