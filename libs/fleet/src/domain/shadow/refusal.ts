const messages = {
  invalidJson: [400, 'Invalid JSON'],
  missingState: [400, 'Missing required node: state'],
  stateNotObject: [400, 'State node must be an object'],
  desiredNotObject: [400, 'Desired node must be an object'],
  reportedNotObject: [400, 'Reported node must be an object'],
  invalidVersion: [400, 'Invalid version'],
  invalidToken: [400, 'Invalid clientToken'],
  invalidName: [400, 'Invalid shadow name'],
  tooDeep: [400, 'JSON contains too many levels of nesting; maximum is'],
  invalidNode: [400, 'State contains an invalid node'],
  noThing: [404, 'Thing not found'],
  noShadow: [404, 'No shadow exists with name'],
  conflict: [409, 'Version conflict'],
  tooLarge: [413, 'The payload exceeds the maximum size allowed'],
  notUtf8: [415, 'Unsupported documented encoding; supported encoding is UTF-8'],
  throttled: [429, 'Too many requests'],
  internal: [500, 'Internal service failure'],
} as const;

export type ShadowRefusalReason = keyof typeof messages;

/** Why a shadow request is refused: code and message are those AWS IoT sends to devices. Thrown, it rolls back. */
export class ShadowRefusal extends Error {
  override readonly name = 'ShadowRefusal';
  /** As HTTP's: 400, 404, 409, 413, 415, 429, 500. */
  readonly code: number;

  /** `detail` ends the message where AWS names something: the limit, the node, the shadow. */
  constructor(
    readonly reason: ShadowRefusalReason,
    detail?: string,
  ) {
    const [code, text] = messages[reason];
    super(detail === undefined ? text : `${text}${detail}`);
    this.code = code;
  }
}

/** For the classic shadow AWS names the thing. */
export const noShadow = (thingName: string, name: string): ShadowRefusal =>
  new ShadowRefusal('noShadow', `: '${name === '' ? thingName : name}'`);
