/* The analog-digital converter: converts for ever, and a DMA channel puts the readings in memory. */
#ifndef BOARDS_ANALOG_H
#define BOARDS_ANALOG_H

#include <stdint.h>

enum analog_channels { ANALOG_BATTERY, ANALOG_TEMPERATURE, ANALOG_COUNT };

/* 0 ... 4095 of 3.3 V. Written by the DMA; in QEMU, which has none, by the test. */
extern volatile uint16_t analog_readings[ANALOG_COUNT];

/* Start converting; a converter that does not start leaves readings of 0, which is an empty battery. */
void analog_start(void);

#endif
