{{- define "yibao.labels" -}}
app.kubernetes.io/name: yibao
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
