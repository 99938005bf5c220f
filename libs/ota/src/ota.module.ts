import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';

const useCases: [] = [];

@Module({ imports: [FleetModule], providers: [...useCases], exports: useCases })
export class OtaModule {}
