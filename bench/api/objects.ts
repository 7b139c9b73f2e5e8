/** The objects that the benchmark of the API writes: sizes as they are in clusters. */

const LABELS = { app: 'web', 'app.kubernetes.io/part-of': 'shop', 'pod-template-hash': '6d4b75cb6d' }

/** About 1 KB of data. */
export function configMap(name: string, version = 0): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'web' } },
    data: { version: String(version), 'app.properties': 'key=value with some words\n'.repeat(38) },
  }
}

/** A Pod as a Deployment makes them. One in ten is in the group `tenth`. */
export function pod(name: string, index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { ...LABELS, group: index % 10 === 0 ? 'tenth' : 'other' },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
    },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'registry.example.com/shop/web:1.24.3',
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'MODE', value: 'production' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web', key: 'password' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
          livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'web' } }],
      terminationGracePeriodSeconds: 30,
    },
  }
}
