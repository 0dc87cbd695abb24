"""What people see of the car: pictures, drawings on them, the car's own web server."""
