/* A fuzzer's input as a script for the board's core: what comes from both lines, buttons, readings, time.
 *
 * Each step is an operation (its value modulo their number), a size and so many bytes. Packets with a right CRC have an
 * operation of their own, as chance would hardly find one. Whatever comes, the motors' power must be off some time after
 * the enable button was let go, and after the host fell silent; otherwise the program aborts.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/board.h"
#include "../core/bytes.h"

enum operation { HOST_BYTES, BUS_BYTES, HOST_PACKET, BUS_PACKET, TIME, LEVELS, CLIMATE, STALL, OPERATIONS };

enum {
    CHUNK = 64,
    START_RAW = 2700,
    LONGEST_STEP_MS = 400,
    RELEASE_MS = 40,  /* debouncing takes 20, ordering the motors to stand 15 at most */
    SILENT_STEP_MS = 4,
    SILENCE_MS = 5100 /* more than the longest heartbeat time-out and the order to stand */
};

struct scene {
    struct board board;
    struct board_inputs inputs;
    uint32_t now_ms;
    uint32_t released_ms; /* for how long the enable button has been out */
    bool bus_full;
};

static void take_out(struct scene *scene)
{
    uint8_t bytes[CHUNK];
    while (queue_take(&scene->board.to_host, bytes, sizeof bytes))
        ;
    while (!scene->bus_full && queue_take(&scene->board.to_bus, bytes, sizeof bytes))
        ;
}

static void pass_time(struct scene *scene, uint32_t duration_ms, uint32_t step_ms)
{
    for (uint32_t passed_ms = 0; passed_ms < duration_ms; passed_ms += step_ms) {
        scene->now_ms += step_ms;
        board_tick(&scene->board, scene->now_ms, &scene->inputs);
        take_out(scene);
        scene->released_ms = scene->inputs.buttons & BUTTON_ENABLE ? 0 : scene->released_ms + step_ms;
        if (scene->released_ms > RELEASE_MS && board_outputs(&scene->board).motor_power)
            abort();
    }
}

static void pass_bytes(struct scene *scene, void (*take)(struct board *, const uint8_t *, size_t), const uint8_t *data,
                       size_t size)
{
    for (size_t done = 0; done < size; done += CHUNK) {
        take(&scene->board, data + done, size - done < CHUNK ? size - done : CHUNK);
        take_out(scene);
    }
}

static void pass_packet(struct scene *scene, void (*take)(struct board *, const uint8_t *, size_t), const uint8_t *data,
                        size_t size)
{
    if (size < 2)
        return;
    struct packet packet = {.id = data[0], .instruction = data[1]};
    size_t count = size - 2 < PACKET_MAX_PARAMETERS ? size - 2 : PACKET_MAX_PARAMETERS;
    packet.parameter_count = (uint16_t)count;
    bytes_copy(packet.parameters, data + 2, count);
    uint8_t encoded[PACKET_MAX_ENCODED_SIZE];
    pass_bytes(scene, take, encoded, packet_encode(&packet, encoded));
}

static void set_levels(struct scene *scene, const uint8_t *data, size_t size)
{
    if (size < 3)
        return;
    scene->inputs.buttons = data[0];
    scene->inputs.battery_raw = bytes_get_u16(data + 1) % (BATTERY_RAW_MAX + 1);
}

static void set_climate(struct scene *scene, const uint8_t *data, size_t size)
{
    if (size < 2)
        return;
    scene->inputs.temperature_c = (int8_t)data[0];
    scene->inputs.supply_low = data[1] & 1;
}

static void stall_bus(struct scene *scene, const uint8_t *data, size_t size)
{
    if (size < 1)
        return;
    scene->bus_full = data[0] & 1;
    scene->inputs.bus_sent = !(data[0] & 2);
}

static void obey(struct scene *scene, enum operation operation, const uint8_t *data, size_t size)
{
    switch (operation) {
    case HOST_BYTES:
        pass_bytes(scene, board_host_bytes, data, size);
        break;
    case BUS_BYTES:
        pass_bytes(scene, board_bus_bytes, data, size);
        break;
    case HOST_PACKET:
        pass_packet(scene, board_host_bytes, data, size);
        break;
    case BUS_PACKET:
        pass_packet(scene, board_bus_bytes, data, size);
        break;
    case TIME:
        pass_time(scene, size < 2 ? 1 : bytes_get_u16(data) % LONGEST_STEP_MS, 1);
        break;
    case LEVELS:
        set_levels(scene, data, size);
        break;
    case CLIMATE:
        set_climate(scene, data, size);
        break;
    case STALL:
        stall_bus(scene, data, size);
        break;
    case OPERATIONS:
        break;
    }
}

static uint64_t scripts_run, bytes_run;

static void tell_totals(void)
{
    printf("%" PRIu64 " scripts, %" PRIu64 " bytes\n", scripts_run, bytes_run);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return atexit(tell_totals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    scripts_run++;
    bytes_run += size;
    static struct scene scene;
    const struct board_facts facts = {HARDWARE_EMULATED, RESET_SUPPLY, {17600, 0}};
    scene = (struct scene){
        .inputs = {.buttons = BUTTON_ENABLE | BUTTON_POWER_SWITCH,
                   .battery_raw = START_RAW,
                   .temperature_c = 25,
                   .bus_sent = true},
        .now_ms = UINT32_MAX - 150, /* the clock wraps in every longer script */
    };
    board_init(&scene.board, &facts, scene.now_ms, &scene.inputs);
    while (size >= 2) {
        enum operation operation = (enum operation)(data[0] % OPERATIONS);
        size_t length = data[1] < size - 2 ? data[1] : size - 2;
        obey(&scene, operation, data + 2, length);
        data += 2 + length;
        size -= 2 + length;
    }
    if (board_outputs(&scene.board).motor_power)
        pass_time(&scene, SILENCE_MS, SILENT_STEP_MS);
    if (board_outputs(&scene.board).motor_power)
        abort();
    return 0;
}
