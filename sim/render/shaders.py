"""GLSL sources. Fragment outputs are blue, green, red, so that a read-back is in OpenCV's order."""

from __future__ import annotations

_HEADER = "#version 330\n"

_LIGHT = """
uniform vec3 sun_direction;   // towards the sun
uniform vec3 sun_light;
uniform vec3 ambient_light;
vec3 lit(vec3 albedo, vec3 normal, float glow) {
    float up = 0.82 + 0.18 * normal.z;  // less light comes from below
    vec3 light = ambient_light * up + sun_light * max(dot(normal, sun_direction), 0.0);
    return albedo * mix(light, max(light, vec3(1.0)), glow);
}
"""

STATIC_VERTEX = (
    _HEADER
    + _LIGHT
    + """
uniform mat4 clip;
in vec3 in_position;
in vec3 in_normal;
in vec3 in_texture;
in vec4 in_colour;
in uint in_id;
out vec3 light;
out vec3 coordinate;
flat out uint id;
void main() {
    gl_Position = clip * vec4(in_position, 1.0);
    light = lit(in_colour.rgb, in_normal, in_colour.a);
    coordinate = in_texture;
    id = in_id;
}
"""
)

CAR_VERTEX = (
    _HEADER
    + _LIGHT
    + """
uniform mat4 clip;
uniform int hidden;           // index of the car that is not drawn, or -1
in vec3 in_position;
in vec3 in_normal;
in vec3 in_texture;
in vec4 in_colour;
in uint in_id;                // 1: takes the car's own paint
in vec4 car_pose;             // x, y, cos, sin
in vec3 car_paint;
in uint car_id;
out vec3 light;
out vec3 coordinate;
flat out uint id;
void main() {
    mat2 turn = mat2(car_pose.z, car_pose.w, -car_pose.w, car_pose.z);
    vec3 normal = vec3(turn * in_normal.xy, in_normal.z);
    vec3 position = vec3(turn * in_position.xy + car_pose.xy, in_position.z);
    gl_Position = gl_InstanceID == hidden ? vec4(2.0, 2.0, 2.0, 1.0) : clip * vec4(position, 1.0);
    light = lit(in_id == 1u ? car_paint : in_colour.rgb, normal, in_colour.a);
    coordinate = in_texture;
    id = car_id;
}
"""
)

_SOLID_FRAGMENT = """
uniform sampler2DArray materials;
uniform vec3 tint;
in vec3 light;
in vec3 coordinate;
flat in uint id;
layout(location = 0) out vec4 colour;
layout(location = 1) out uint identity;
void main() {
    vec4 texel = texture(materials, coordinate);
    %s
    colour = vec4((texel.rgb * light * tint).bgr, 1.0);
    identity = id;
}
"""

SOLID_FRAGMENT = _HEADER + _SOLID_FRAGMENT % ""
CUTOUT_FRAGMENT = _HEADER + _SOLID_FRAGMENT % "if (texel.a < 0.5) discard;"

GROUND_VERTEX = (
    _HEADER
    + """
uniform mat4 clip;
uniform vec4 bounds;          // x_min, y_min, x_max, y_max
in vec2 in_position;
out vec2 coordinate;
void main() {
    gl_Position = clip * vec4(in_position, 0.0, 1.0);
    coordinate = (in_position - bounds.xy) / (bounds.zw - bounds.xy);
}
"""
)

GROUND_FRAGMENT = (
    _HEADER
    + """
uniform sampler2D masks;
uniform sampler2D ground_light;
uniform vec3 road_colour;
uniform vec3 left_colour;
uniform vec3 right_colour;
uniform vec3 pavement_colour;
uniform vec3 ground_colour;
uniform float pavement_edge;  // in units of the distance mask
uniform float kerb_edge;
uniform float wear;
uniform float dirt;
uniform vec3 tint;
in vec2 coordinate;
layout(location = 0) out vec4 colour;
layout(location = 1) out uint identity;
void main() {
    vec4 mask = texture(masks, coordinate, -0.5);
    float off_road = mask.b;
    vec3 beside = mix(pavement_colour, ground_colour, smoothstep(pavement_edge - 0.02, pavement_edge + 0.02, off_road));
    // The kerb's shaded face is what tells the pavement from a white road.
    beside *= 1.0 - 0.3 * (1.0 - smoothstep(kerb_edge, 2.0 * kerb_edge, off_road));
    vec3 surface = mix(road_colour, beside, smoothstep(0.0, 0.02, off_road));
    float painted = 1.0 - clamp(2.0 * wear * (mask.a + wear - 0.5), 0.0, 0.95);
    surface = mix(surface, left_colour, mask.r * painted);
    surface = mix(surface, right_colour, mask.g * painted);
    surface *= 1.0 - dirt * (1.0 - mask.a);
    colour = vec4((surface * texture(ground_light, coordinate).rgb * 2.0 * tint).bgr, 1.0);
    identity = 0u;
}
"""
)

SHADOW_VERTEX = (
    _HEADER
    + """
uniform mat4 clip;
uniform int hidden;
in vec2 in_position;          // of the shadow's rectangle, metres in the car's frame
in vec2 in_edge;              // -1 to 1 across the rectangle
in vec4 car_pose;
out vec2 edge;
void main() {
    mat2 turn = mat2(car_pose.z, car_pose.w, -car_pose.w, car_pose.z);
    vec3 position = vec3(turn * in_position + car_pose.xy, 0.001);
    gl_Position = gl_InstanceID == hidden ? vec4(2.0, 2.0, 2.0, 1.0) : clip * vec4(position, 1.0);
    edge = in_edge;
}
"""
)

SHADOW_FRAGMENT = (
    _HEADER
    + """
in vec2 edge;
layout(location = 0) out vec4 colour;
layout(location = 1) out uint identity;
void main() {
    vec2 inside = 1.0 - smoothstep(0.45, 1.0, abs(edge));
    colour = vec4(0.0, 0.0, 0.0, 0.6 * inside.x * inside.y);
    identity = 0u;
}
"""
)

SKY_VERTEX = (
    _HEADER
    + """
uniform mat4 clip;
uniform vec3 eye;
in vec3 in_position;
in vec2 in_texture;
out vec2 coordinate;
void main() {
    gl_Position = clip * vec4(in_position + eye, 1.0);
    coordinate = in_texture;
}
"""
)

SKY_FRAGMENT = (
    _HEADER
    + """
uniform sampler2D panorama;
uniform float turn;
uniform vec3 gain;
in vec2 coordinate;
layout(location = 0) out vec4 colour;
layout(location = 1) out uint identity;
void main() {
    colour = vec4((texture(panorama, vec2(coordinate.x - turn, coordinate.y)).rgb * gain).bgr, 1.0);
    identity = 0u;
}
"""
)
