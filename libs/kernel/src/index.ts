export { Clock, ManualClock, SystemClock } from './clock.js';
export { covers, type DataScope, everyCustomer, onlyCustomers } from './data-scope.js';
export { Decimal, parseDecimal, sum, ZERO } from './decimal.js';
export {
  DomainError,
  type ErrorCode,
  type ErrorKind,
  type ErrorRule,
  errorCodes,
  type Fault,
  invalid,
  notFound,
  shown,
} from './errors.js';
export { isId, newId } from './ids.js';
export {
  contains,
  HOUR_MS,
  hourOf,
  hoursOf,
  type Interval,
  intersect,
  interval,
  lengthMs,
  overlaps,
  union,
} from './interval.js';
export {
  type Currency,
  Money,
  minorUnitDigits,
  parseCurrency,
  payableDigits,
  splitByLargestRemainder,
} from './money.js';
export { conversion, convertible, Quantity } from './quantity.js';
export { type LocalTime, localTime, monthInterval, monthOf, parseTimeZone, startOfLocalDay } from './zone.js';
