"""Live video as car and server give it to viewers: kinds of pictures, the stream's form, and who gets which picture."""
