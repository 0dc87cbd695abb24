/* NUCLEO-L432KC: which pin does what; in brackets its name on the board. Source: UM1956, DS11451 table 15. */
#ifndef BOARDS_PIN_MAP_H
#define BOARDS_PIN_MAP_H

#include "../../core/registers.h"
#include "../pins.h"

#define HARDWARE HARDWARE_NUCLEO_L432KC

#define PIN_HOST_SEND ((struct pin){PORT_A, 2})     /* USART2, at the ST-Link */
#define PIN_HOST_RECEIVE ((struct pin){PORT_A, 15}) /* USART2, at the ST-Link */
#define HOST_RECEIVE_FUNCTION 3
#define PIN_BUS_SEND ((struct pin){PORT_A, 9})      /* USART1 (D1) */
#define PIN_BUS_RECEIVE ((struct pin){PORT_A, 10})  /* USART1 (D0) */
#define PIN_BUS_DIRECTION ((struct pin){PORT_A, 8}) /* (D9) */
#define PIN_MOTOR_POWER ((struct pin){PORT_B, 0})   /* (D3) */
#define PIN_FAN ((struct pin){PORT_B, 1})           /* (D6) */
#define PIN_STATUS_LED ((struct pin){PORT_B, 3})    /* (D13), and LD3 on the board */
#define PIN_MOTOR_LED ((struct pin){PORT_A, 12})    /* (D2) */
#define PIN_ENABLE_BUTTON ((struct pin){PORT_B, 4}) /* (D12) */
#define PIN_RESET_BUTTON ((struct pin){PORT_B, 5})  /* (D11) */
#define PIN_POWER_SWITCH ((struct pin){PORT_A, 11}) /* (D10) */
#define PIN_BATTERY ((struct pin){PORT_A, 0})       /* ADC1 input 5 (A0) */

#endif
