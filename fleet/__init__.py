"""The words that car, station and server share: messages, states, dimensions, clocks."""
