"""pyserial finds the port kinds of the tests here."""
