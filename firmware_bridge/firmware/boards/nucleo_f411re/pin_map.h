/* NUCLEO-F411RE: which pin does what; in brackets its name on the Arduino headers. Source: UM1724, DS10314 table 9. */
#ifndef BOARDS_PIN_MAP_H
#define BOARDS_PIN_MAP_H

#include "../../core/registers.h"
#include "../pins.h"

#define HARDWARE HARDWARE_NUCLEO_F411RE

#define PIN_HOST_SEND ((struct pin){PORT_A, 2})    /* USART2, at the ST-Link */
#define PIN_HOST_RECEIVE ((struct pin){PORT_A, 3}) /* USART2, at the ST-Link */
#define HOST_RECEIVE_FUNCTION 7
#define PIN_BUS_SEND ((struct pin){PORT_A, 9})      /* USART1 (D8) */
#define PIN_BUS_RECEIVE ((struct pin){PORT_A, 10})  /* USART1 (D2) */
#define PIN_BUS_DIRECTION ((struct pin){PORT_A, 8}) /* (D7) */
#define PIN_MOTOR_POWER ((struct pin){PORT_B, 10})  /* (D6) */
#define PIN_FAN ((struct pin){PORT_C, 7})           /* (D9) */
#define PIN_STATUS_LED ((struct pin){PORT_A, 5})    /* (D13), and LD2 on the board */
#define PIN_MOTOR_LED ((struct pin){PORT_B, 6})     /* (D10) */
#define PIN_ENABLE_BUTTON ((struct pin){PORT_B, 4}) /* (D5) */
#define PIN_RESET_BUTTON ((struct pin){PORT_B, 5})  /* (D4) */
#define PIN_POWER_SWITCH ((struct pin){PORT_A, 7})  /* (D11) */
#define PIN_BATTERY ((struct pin){PORT_A, 0})       /* ADC1 input 0 (A0) */

#endif
