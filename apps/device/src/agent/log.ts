export type AgentLog = (level: 'info' | 'warn', what: string, fields: Readonly<Record<string, unknown>>) => void;
