/* The board in real time, its two lines on TCP ports of this machine: `realtime [host port [motor port]]`, 0 for any.
 *
 * Prints where host and motors connect, and the pins whenever motor power or motor LED change. Lines on stdin set the
 * inputs: "buttons 5", "battery 2700", "temperature 25". It ends when stdin does.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../core/loop.h"
#include "../core/registers.h"
#include "../hal.h"
#include "sockets.h"

enum { ROOM = 4096, LONGEST_WAIT_MS = 1, LINE_MAX_SIZE = 100 };

static struct tcp_port host, bus;
static unsigned long buttons = BUTTON_ENABLE | BUTTON_POWER_SWITCH;
static unsigned long battery_raw = 2700;
static long temperature_c = 25;
static int motor_power = -1;

uint32_t hal_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

size_t hal_host_read(uint8_t *to, size_t size)
{
    return tcp_read(&host, to, size);
}

size_t hal_host_room(void)
{
    return ROOM;
}

void hal_host_write(const uint8_t *data, size_t size)
{
    tcp_write(&host, data, size);
}

size_t hal_bus_read(uint8_t *to, size_t size)
{
    return tcp_read(&bus, to, size);
}

size_t hal_bus_room(void)
{
    return ROOM;
}

void hal_bus_write(const uint8_t *data, size_t size)
{
    tcp_write(&bus, data, size);
}

bool hal_bus_sent(void)
{
    return true;
}

uint8_t hal_buttons(void)
{
    return (uint8_t)buttons;
}

uint16_t hal_battery_raw(void)
{
    return (uint16_t)battery_raw;
}

int16_t hal_temperature_c(void)
{
    return (int16_t)temperature_c;
}

bool hal_supply_low(void)
{
    return false;
}

struct board_facts hal_facts(void)
{
    return (struct board_facts){
        .hardware = HARDWARE_EMULATED,
        .reset_cause = RESET_SUPPLY,
        .battery = {.full_scale_mv = 17600, .offset_mv = 0},
    };
}

void hal_set_motor_power(bool on)
{
    if (on == motor_power)
        return;
    motor_power = on;
    printf("motor power %d\n", on);
    fflush(stdout);
}

void hal_set_status_led(bool on)
{
    (void)on; /* it blinks: nobody reads that */
}

void hal_set_motor_led(bool on)
{
    (void)on;
}

void hal_set_fan(bool on)
{
    (void)on;
}

void hal_feed_watchdog(void)
{
}

static void obey(const char *line)
{
    static const char buttons_word[] = "buttons ", battery_word[] = "battery ",
                      temperature_word[] = "temperature ";
    if (strncmp(line, buttons_word, sizeof buttons_word - 1) == 0)
        buttons = strtoul(line + sizeof buttons_word - 1, NULL, 10);
    else if (strncmp(line, battery_word, sizeof battery_word - 1) == 0)
        battery_raw = strtoul(line + sizeof battery_word - 1, NULL, 10);
    else if (strncmp(line, temperature_word, sizeof temperature_word - 1) == 0)
        temperature_c = strtol(line + sizeof temperature_word - 1, NULL, 10);
    else
        fprintf(stderr, "not understood: %s", line);
}

int main(int count, char **words)
{
    char line[LINE_MAX_SIZE];
    setvbuf(stdin, NULL, _IONBF, 0); /* `poll` does not see what waits in a buffer */
    tcp_listen(&host, count > 1 ? atoi(words[1]) : 0);
    tcp_listen(&bus, count > 2 ? atoi(words[2]) : 0);
    printf("host socket://127.0.0.1:%d\nmotors socket://127.0.0.1:%d\n", host.number, bus.number);
    loop_start();
    for (;;) {
        struct pollfd waited[] = {
            {STDIN_FILENO, POLLIN, 0}, {host.listener, POLLIN, 0}, {bus.listener, POLLIN, 0},
            {host.peer, POLLIN, 0},    {bus.peer, POLLIN, 0},
        };
        poll(waited, sizeof waited / sizeof *waited, LONGEST_WAIT_MS);
        if (waited[0].revents) {
            if (!fgets(line, sizeof line, stdin))
                return 0;
            obey(line);
        }
        if (waited[1].revents)
            tcp_accept(&host);
        if (waited[2].revents)
            tcp_accept(&bus);
        loop_once();
    }
}
