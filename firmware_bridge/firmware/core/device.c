/* Device 200; see device.h. */
#include "device.h"

#include "bytes.h"
#include "safety.h"

enum { WRITABLE_SIZE = BOARD_WRITABLE_END - BOARD_WRITABLE_START };

static void send_status(struct board *board, uint8_t error, const uint8_t *data, size_t size)
{
    struct packet status = {.id = ID_BOARD, .instruction = INSTRUCTION_STATUS};
    uint8_t encoded[PACKET_MAX_ENCODED_SIZE];
    status.parameters[0] = (uint8_t)(error | (board->table[BOARD_ERRORS] ? ERROR_ALERT : 0));
    bytes_copy(status.parameters + 1, data, size);
    status.parameter_count = (uint16_t)(1 + size);
    queue_put(&board->to_host, encoded, packet_encode(&status, encoded), 0);
}

void device_answer_ping(struct board *board)
{
    const uint8_t *table = board->table;
    const uint8_t data[] = {table[BOARD_MODEL], table[BOARD_MODEL + 1], table[BOARD_FIRMWARE_VERSION]};
    send_status(board, ERROR_NONE, data, sizeof data);
}

static void refresh(struct board *board)
{
    uint8_t *table = board->table;
    table[BOARD_BUTTONS] = board->buttons.stable;
    table[BOARD_TEMPERATURE_C] = (uint8_t)board->temperature.celsius;
    bytes_put_u32(table + BOARD_UPTIME_MS, board->now_ms - board->started_ms);
    bytes_put_u32(table + BOARD_FORWARDED, board->forwarded);
    bytes_put_u32(table + BOARD_BUS_PACKETS, board->bus_packets);
    bytes_put_u32(table + BOARD_CRC_ERRORS, board->host.parser.crc_errors + board->bus.parser.crc_errors);
}

void device_answer_read(struct board *board, uint16_t address, uint16_t size)
{
    if ((uint32_t)address + size > BOARD_END) {
        send_status(board, ERROR_DATA_LENGTH, board->table, 0);
        return;
    }
    refresh(board);
    send_status(board, ERROR_NONE, board->table + address, size);
}

uint8_t device_write(struct board *board, uint16_t address, const uint8_t *data, size_t size)
{
    uint8_t *writable = board->table + BOARD_WRITABLE_START;
    uint8_t wanted[WRITABLE_SIZE];
    if (address < BOARD_WRITABLE_START || address >= BOARD_WRITABLE_END
        || size > (size_t)(BOARD_WRITABLE_END - address))
        return ERROR_ACCESS;
    bytes_copy(wanted, writable, WRITABLE_SIZE);
    bytes_copy(wanted + (address - BOARD_WRITABLE_START), data, size);
    uint16_t timeout_ms = bytes_get_u16(wanted + (BOARD_HEARTBEAT_TIMEOUT_MS - BOARD_WRITABLE_START));
    if (timeout_ms < HEARTBEAT_TIMEOUT_MIN_MS || timeout_ms > HEARTBEAT_TIMEOUT_MAX_MS)
        return ERROR_DATA_RANGE;
    if (wanted[BOARD_CLEAR_ERRORS - BOARD_WRITABLE_START]) {
        board->table[BOARD_ERRORS] = 0;
        wanted[BOARD_CLEAR_ERRORS - BOARD_WRITABLE_START] = 0;
    }
    uint8_t power = wanted[BOARD_MOTOR_POWER - BOARD_WRITABLE_START];
    if (power && !board->table[BOARD_MOTOR_POWER] && !safety_may_power(board))
        return ERROR_RESULT_FAIL;
    if (wanted[BOARD_HEARTBEAT - BOARD_WRITABLE_START] != board->table[BOARD_HEARTBEAT])
        safety_beat(board);
    safety_set_power(board, power);
    bytes_copy(writable, wanted, WRITABLE_SIZE);
    return ERROR_NONE;
}

void device_answer(struct board *board, const struct packet *packet)
{
    const uint8_t *parameters = packet->parameters;
    if (packet->instruction == INSTRUCTION_READ && packet->parameter_count == 4) {
        device_answer_read(board, bytes_get_u16(parameters), bytes_get_u16(parameters + 2));
        return;
    }
    uint8_t error = ERROR_INSTRUCTION;
    if (packet->instruction == INSTRUCTION_WRITE && packet->parameter_count > 2)
        error = device_write(board, bytes_get_u16(parameters), parameters + 2, packet->parameter_count - 2u);
    send_status(board, error, parameters, 0);
}
