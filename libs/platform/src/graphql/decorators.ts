import { Extensions } from '@nestjs/graphql';

/** What a field costs in the request's budget of 5,000 (objects cost 1, fields with arguments 3 when not said). */
export const Cost = (points: number): MethodDecorator & PropertyDecorator => Extensions({ cost: points });
