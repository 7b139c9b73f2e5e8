/** Serves `/openapi/v2` and `/openapi/v3`. What makes the documents is loaded when the first is asked for. */
import { factLines } from '../../../api/generated/facts.ts'
import { digest, Documents, type Document } from '../document.ts'
import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from '../groups.ts'

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** Documents of version 3 outlive the set of resources they were made for: most do not change when another group does. */
const madeFor = new WeakMap<
  DiscoveredResource,
  { readonly resources: readonly DiscoveredResource[]; document: Document }
>()

/** Answers by path; `undefined` for what is no document. `version` is the server's. */
export function openApiDocuments(
  groups: readonly DiscoveredGroup[],
  version: string,
): (request: { readonly path: string; readonly accept?: string | undefined }) => Promise<Document | undefined> {
  const documents = new Documents()
  const versions = groups.flatMap((group) => group.versions)
  return async ({ path, accept = '' }) => {
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      return documents.json(path, 'application/json', () => index(versions, version))
    }
    if (path === '/openapi/v2') {
      const { openApiV2 } = await import('./documents.ts')
      const { swaggerProtobuf } = await import('./proto-v2.ts')
      const make = () =>
        openApiV2(
          versions.flatMap(({ resources }) => resources),
          version,
        )
      if (/proto-openapi\.spec\.v2(@|\.)v1\.0\+protobuf/.test(accept)) {
        return documents.bytes('v2 protobuf', protobufType, () => swaggerProtobuf(make()))
      }
      return documents.json('v2', 'application/json', make)
    }
    const found = versions.find((candidate) => `/openapi/v3/${relativePath(candidate)}` === path)
    return found === undefined ? undefined : await versionDocument(found, version)
  }
}

async function versionDocument({ resources }: DiscoveredVersion, version: string): Promise<Document> {
  const [first] = resources as [DiscoveredResource]
  const known = madeFor.get(first)
  if (known?.resources.length === resources.length && known.resources.every((own, i) => own === resources[i])) {
    return known.document
  }
  const { openApiV3 } = await import('./documents.ts')
  const document = new Documents().json('v3', 'application/json', () => openApiV3(resources, version))
  madeFor.set(first, { resources, document })
  return document
}

/** The hash is of what the document is made from, so that the index needs none of them made. */
function index(versions: readonly DiscoveredVersion[], version: string): object {
  const facts = digest(factLines)
  const entries = versions.map((own) => {
    const path = relativePath(own)
    const hash = digest(version + facts + JSON.stringify(own.resources))
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
  })
  return { paths: Object.fromEntries(entries) as object }
}

function relativePath({ group, version }: DiscoveredVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}
