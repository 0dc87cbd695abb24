/* When the motors have power, and what takes it away: a lost host, buttons, silent motors, heat, a weak supply. */
#ifndef CORE_SAFETY_H
#define CORE_SAFETY_H

#include "board.h"

enum {
    /* How long the order to stop may take to leave the wire before the power goes all the same: a full queue's time. */
    CUT_PATIENCE_MS = 15,
    /* No answer for so long, to so many questions: the motors have lost their supply. */
    BUS_SILENCE_MS = 2000,
    BUS_SILENCE_QUESTIONS = 5,
    /* The queue to the motors keeps so many bytes free, so that the order to stop always finds room. */
    STOP_RESERVE = 32
};

/* Cut the power if there is reason to; move the pin when the motors have been told. */
void safety_tick(struct board *board, const struct board_inputs *inputs);

/* Latch a low battery; it is told, and cuts nothing. */
void safety_note_battery(struct board *board);

/* The reset button: motors start again, as their power goes; what is latched is forgotten. Power stays off. */
void safety_reset(struct board *board);

/* The heartbeat has changed. */
void safety_beat(struct board *board);

/* Whether a write may switch the power on: no latched error but a low battery, cool, enabled, switched on. */
bool safety_may_power(struct board *board);

/* The power register's new value: on at once; off after an order to stop. */
void safety_set_power(struct board *board, uint8_t wanted);

#endif
