/** What statuses of many kinds have in common, told well and badly. */

export const T = '2026-01-01T00:00:00Z'
/** Conditions as the newer kinds judge them. */
export const conditions: readonly object[] = [
  { conditions: [{}] },
  { conditions: [{ type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: T }] },
  { conditions: [{ type: 'A b', status: 'Maybe', reason: 'not a reason', message: 'm', lastTransitionTime: T }] },
  { conditions: [{ type: 'a.io/B', status: 'False', reason: 'R', message: 'm' }] },
  { conditions: [{ type: 'A', status: 'True', reason: '', message: 'm', lastTransitionTime: T }] },
  {
    conditions: [
      {
        type: 'A',
        status: 'True',
        reason: 'R',
        message: 'm'.repeat(33_000),
        lastTransitionTime: T,
        observedGeneration: -1,
      },
    ],
  },
  {
    conditions: ['True', 'False'].map((status) => ({
      type: 'A',
      status,
      reason: 'R',
      message: '',
      lastTransitionTime: T,
    })),
  },
  { conditions: [{ type: 'A', status: 'True', reason: 'r'.repeat(1100), message: '', lastTransitionTime: T }] },
]
export const balanced: readonly object[] = [
  { loadBalancer: { ingress: [{}] } },
  { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'a.b' }] } },
  { loadBalancer: { ingress: [{ ip: '1.2.3' }, { ip: '01.2.3.4' }, { hostname: 'A_b' }, { hostname: '1.2.3.4' }] } },
  {
    loadBalancer: {
      ingress: [
        { ip: '::1', ipMode: 'VIP' },
        { hostname: 'a', ipMode: 'VIP' },
      ],
    },
  },
  { loadBalancer: { ingress: [{ ip: '1.2.3.4', ipMode: 'Bogus' }] } },
  {
    loadBalancer: {
      ingress: [
        {
          ip: '1.2.3.4',
          ports: [
            { port: 80, protocol: 'TCP' },
            { port: 0, protocol: 'X', error: 'not ok' },
          ],
        },
      ],
    },
  },
]
export const replicas: readonly object[] = [
  { replicas: -1, readyReplicas: -1, availableReplicas: -1, observedGeneration: -1, fullyLabeledReplicas: -1 },
  {
    replicas: 1,
    readyReplicas: 2,
    availableReplicas: 3,
    fullyLabeledReplicas: 2,
    updatedReplicas: 2,
    currentReplicas: 2,
  },
  { replicas: 3, readyReplicas: 1, availableReplicas: 2, terminatingReplicas: -1, collisionCount: -1 },
  { conditions: [{}, { type: 'A', status: 'Bogus' }] },
]
