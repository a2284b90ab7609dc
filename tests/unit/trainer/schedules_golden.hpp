// Made by golden_schedules.py with torch 2.14.1.
#pragma once

#include <array>

namespace golden {

constexpr std::array<double, 14> step{
    0x1.999999999999ap-4,  0x1.999999999999ap-4,  0x1.999999999999ap-4, 0x1.eb851eb851eb8p-6,
    0x1.eb851eb851eb8p-6,  0x1.eb851eb851eb8p-6,  0x1.26e978d4fdf3bp-7, 0x1.26e978d4fdf3bp-7,
    0x1.26e978d4fdf3bp-7,  0x1.61e4f765fd8adp-9,  0x1.61e4f765fd8adp-9, 0x1.61e4f765fd8adp-9,
    0x1.a8ac5c13fd0cfp-11, 0x1.a8ac5c13fd0cfp-11,
};
constexpr std::array<double, 14> exponential{
    0x1.999999999999ap-4, 0x1.70a3d70a3d70bp-4, 0x1.4bc6a7ef9db24p-4, 0x1.2a9930be0ded4p-4,
    0x1.0cbd1244a6225p-4, 0x1.e3baba7b91710p-5, 0x1.b35b416f3618fp-5, 0x1.87d2214a7d7cep-5,
    0x1.60a3845ca423ap-5, 0x1.3d5ff7202d534p-5, 0x1.1da32b368f315p-5, 0x1.0112da1780df9p-5,
    0x1.cebb8890b4c5ap-6, 0x1.a07594823c4b8p-6,
};
constexpr std::array<double, 14> cosine{
    0x1.999999999999ap-4, 0x1.7665e4240f1adp-4, 0x1.1a3cee617fbeap-4, 0x1.50a4db8eec07cp-5,
    0x1.30a5e0139a9f0p-6, 0x1.47ae147ae147bp-7, 0x1.30a5e0139a9f0p-6, 0x1.50a4db8eec080p-5,
    0x1.1a3cee617fbedp-4, 0x1.7665e4240f1b1p-4, 0x1.999999999999ep-4, 0x1.7665e4240f1b3p-4,
    0x1.1a3cee617fbeep-4, 0x1.50a4db8eec082p-5,
};
constexpr std::array<double, 14> linear{
    0x1.999999999999ap-6, 0x1.6666666666667p-5, 0x1.0000000000001p-4, 0x1.4cccccccccccep-4,
    0x1.999999999999bp-4, 0x1.999999999999bp-4, 0x1.999999999999bp-4, 0x1.999999999999bp-4,
    0x1.999999999999bp-4, 0x1.999999999999bp-4, 0x1.999999999999bp-4, 0x1.999999999999bp-4,
    0x1.999999999999bp-4, 0x1.999999999999bp-4,
};
constexpr std::array<double, 14> lambda_{
    0x1.999999999999ap-4, 0x1.999999999999ap-5, 0x1.1111111111111p-5, 0x1.999999999999ap-6,
    0x1.47ae147ae147cp-6, 0x1.1111111111111p-6, 0x1.d41d41d41d41dp-7, 0x1.999999999999ap-7,
    0x1.6c16c16c16c17p-7, 0x1.47ae147ae147cp-7, 0x1.29e4129e4129fp-7, 0x1.1111111111111p-7,
    0x1.f81f81f81f820p-8, 0x1.d41d41d41d41dp-8,
};

}  // namespace golden
