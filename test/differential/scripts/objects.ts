/** Small objects that the scripts are about. */

type Json = Readonly<Record<string, unknown>>

const object = (apiVersion: string, kind: string, name: string, rest: Json, metadata: Json): Json => ({
  apiVersion,
  kind,
  metadata: { ...(name === '' ? {} : { name }), ...metadata },
  ...rest,
})

export const configMap = (name: string, rest: Json = {}, metadata: Json = {}) =>
  object('v1', 'ConfigMap', name, rest, metadata)

export const pod = (name: string, spec: Json = {}, metadata: Json = {}) =>
  object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec } }, metadata)

export const deployment = (name: string, spec: Json = {}, metadata: Json = {}) =>
  object(
    'apps/v1',
    'Deployment',
    name,
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'busybox' }] } },
        ...spec,
      },
    },
    metadata,
  )

export const service = (name: string, spec: Json = {}, metadata: Json = {}) =>
  object('v1', 'Service', name, { spec: { ports: [{ port: 80 }], ...spec } }, metadata)

export const of = (apiVersion: string, kind: string, name: string, rest: Json = {}, metadata: Json = {}) =>
  object(apiVersion, kind, name, rest, metadata)

export const event = (rest: Json, name = 'e') => of('v1', 'Event', name, { ...rest })
