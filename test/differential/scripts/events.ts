/** Events of both groups, and warnings. */

import { configMap, event, of, pod, service } from './objects.ts'
import { at, get, jsonPatch, patch, post, put, remove, script } from './script.ts'

const dry = (plural: string) => `${at(plural)}?dryRun=All`
const newEvent = (rest: object, name = 'n') => of('events.k8s.io/v1', 'Event', name, { ...rest })
const newEvents = '/apis/events.k8s.io/v1/namespaces/$NS/events'

export const eventScripts = [
  script(
    'events/core',
    post(at('events'), event({})),
    post(at('events'), event({ involvedObject: { kind: 'Pod', namespace: 'other', name: 'p' } })),
    post(
      at('events'),
      event({
        involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
        reason: 'R',
        message: 'm',
        type: 'Normal',
        count: 1,
        firstTimestamp: '2024-01-01T00:00:00Z',
        lastTimestamp: '2024-01-01T00:00:00Z',
        source: { component: 'c', host: 'h' },
      }),
    ),
    post(
      at('events'),
      event(
        {
          involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
          type: 'Bogus',
          message: 'm'.repeat(2000),
          reason: 'r'.repeat(200),
        },
        'f',
      ),
    ),
    post(at('events'), event({ involvedObject: { kind: 'Node', name: 'n' } }, 'g')),
    post('/api/v1/namespaces/default/events?dryRun=All', event({ involvedObject: { kind: 'Node', name: 'n' } }, 'g')),
    patch(at('events', 'e'), { count: 2, lastTimestamp: '2024-01-02T00:00:00Z' }),
    patch(at('events', 'e'), { series: { count: 2, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    patch(at('events', 'e'), { eventTime: '2024-01-02T00:00:00.000000Z' }),
    patch(at('events', 'e'), { involvedObject: { name: 'q' } }),
    post(
      at('events'),
      event(
        { involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' }, eventTime: '2024-01-02T00:00:00.000000Z' },
        'h',
      ),
    ),
    post(
      at('events'),
      event(
        {
          involvedObject: { kind: 'Pod', namespace: '$NS', name: 'p' },
          eventTime: '2024-01-02T00:00:00.000000Z',
          reportingComponent: 'a.b/c',
          reportingInstance: 'i',
          action: 'A',
          reason: 'R',
          type: 'Normal',
        },
        'h',
      ),
    ),
    get(`${newEvents}/e`),
    get(`${newEvents}/h`),
    get(at('events')),
    get(newEvents, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    remove(`${at('events')}?fieldSelector=reason%3DR`),
    get(at('events')),
  ),
  script(
    'events/new',
    post(newEvents, newEvent({})),
    post(
      newEvents,
      newEvent({
        regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
        reason: 'R',
        note: 'n',
        type: 'Normal',
        eventTime: '2024-01-01T00:00:00.000000Z',
        action: 'A',
        reportingController: 'c.io/x',
        reportingInstance: 'i',
      }),
    ),
    post(
      newEvents,
      newEvent(
        {
          regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
          reason: 'r'.repeat(129),
          note: 'n'.repeat(1025),
          type: 'Bogus',
          eventTime: '2024-01-01T00:00:00.000000Z',
          action: '',
          reportingController: 'c x',
          reportingInstance: '',
        },
        'm',
      ),
    ),
    post(
      newEvents,
      newEvent(
        {
          regarding: { kind: 'Pod', namespace: '$NS', name: 'p' },
          eventTime: null,
          deprecatedCount: 5,
          deprecatedSource: { component: 'c' },
          deprecatedFirstTimestamp: '2024-01-01T00:00:00Z',
        },
        'm',
      ),
    ),
    patch(`${newEvents}/n`, { series: { count: 2, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    patch(`${newEvents}/n`, { note: 'other' }),
    patch(`${newEvents}/n`, { series: { count: 1, lastObservedTime: '2024-01-02T00:00:00.000000Z' } }),
    put(
      `${newEvents}/n`,
      newEvent({
        regarding: { kind: 'Pod', namespace: '$NS', name: 'q' },
        reason: 'R',
        eventTime: '2024-01-01T00:00:00.000000Z',
        action: 'A',
        reportingController: 'c.io/x',
        reportingInstance: 'i',
        type: 'Normal',
      }),
    ),
    get(at('events', 'n')),
    get(`${newEvents}/n`),
    jsonPatch(at('events', 'n'), [{ op: 'replace', path: '/count', value: 9 }]),
  ),
  script(
    'warnings/deprecated',
    post(
      dry('pods'),
      pod(
        'a',
        {
          nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
          containers: [
            {
              name: 'c',
              image: 'i',
              env: [
                { name: 'a', value: '1' },
                { name: 'a', value: '2' },
              ],
              ports: [{ containerPort: 80 }, { containerPort: 80 }],
            },
          ],
        },
        {
          annotations: {
            'scheduler.alpha.kubernetes.io/critical-pod': '',
            'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
            'seccomp.security.alpha.kubernetes.io/pod': 'x',
          },
        },
      ),
    ),
    post(
      dry('pods'),
      pod('b', {
        terminationGracePeriodSeconds: -1,
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'x', whenUnsatisfiable: 'DoNotSchedule' }],
        volumes: [
          { name: 'v', gitRepo: { repository: 'x' } },
          { name: 'w', emptyDir: { sizeLimit: '0.5' } },
        ],
      }),
    ),
    post(
      dry('services'),
      service('a', { externalIPs: ['010.0.0.1'], sessionAffinity: 'ClientIP', clusterIP: 'None', externalName: 'x' }),
    ),
    post(
      dry('cronjobs'),
      of('batch/v1', 'CronJob', 'c', {
        spec: {
          schedule: 'TZ=UTC * * * * *',
          jobTemplate: {
            spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
          },
        },
      }),
    ),
    post(
      dry('ingresses'),
      of('networking.k8s.io/v1', 'Ingress', 'i', {
        spec: {
          ingressClassName: 'x',
          rules: [{ host: 'a', http: { paths: [{ path: '/', pathType: 'Bogus', backend: {} }] } }],
        },
      }),
    ),
    get('/api/v1/componentstatuses', { unread: true }),
    get('/api/v1/componentstatuses/etcd-0'),
    post('/api/v1/namespaces/$NS/endpoints?dryRun=All', of('v1', 'Endpoints', 'e')),
    get(at('endpoints')),
    post(
      dry('configmaps'),
      configMap(
        'x',
        {},
        { labels: { a: 'b' }, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x' } },
      ),
    ),
  ),
]
