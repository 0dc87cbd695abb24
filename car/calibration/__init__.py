"""Finding out how a camera sees and sits, from pictures of a printed chessboard."""
